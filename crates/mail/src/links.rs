//! Links in mails.

use portal_auth::OneTimeToken;
use portal_domain::ids::TicketId;
use portal_domain::profiles::OneTimeTokenPurpose;
use portal_domain::values::DomainName;
use url::Url;

/// Makes links into one organization's portal.
///
/// They never depend on a request: whoever asks for a mail must not choose where its links lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    base: String,
}

impl Links {
    /// Links to the organization's verified domain, below `custom_domain_path`, or else to the
    /// portal's own address.
    pub fn new(
        public_url: &Url,
        verified_domain: Option<&DomainName>,
        custom_domain_path: &str,
    ) -> Self {
        let base = match verified_domain {
            Some(domain) => format!("https://{domain}{custom_domain_path}"),
            None => public_url.as_str().trim_end_matches('/').to_owned(),
        };
        Self { base }
    }

    /// The portal's first page.
    pub fn home(&self) -> String {
        format!("{}/", self.base)
    }

    /// A ticket, for a customer who may see it.
    pub fn ticket(&self, id: TicketId) -> String {
        format!("{}/tickets/{id}", self.base)
    }

    /// Where mail programs switch mails off by a token: the API, which is at the root of the host.
    pub fn unsubscribe(&self, token: &str) -> String {
        let path = "/api/v1/portal/unsubscribe";
        let root = Url::parse(&self.base).and_then(|base| base.join(path));
        let address = root.map_or_else(|_| format!("{}{path}", self.base), String::from);
        format!("{address}?token={token}")
    }

    /// Where a password is chosen by a token.
    pub fn choose_password(&self, purpose: OneTimeTokenPurpose, token: &OneTimeToken) -> String {
        let page = match purpose {
            OneTimeTokenPurpose::PasswordReset => "reset-password",
            OneTimeTokenPurpose::Invitation => "accept-invite",
        };
        // a token's alphabet needs no escaping in a query
        format!("{}/{page}?token={}", self.base, token.expose())
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::environment::SystemEnvironment;

    use super::*;

    #[test]
    fn a_verified_domain_comes_before_the_public_address() {
        let domain = "help.acme.example".parse().unwrap();
        for (public, domain, path, home) in [
            ("http://127.0.0.1:8080", None, "", "http://127.0.0.1:8080/"),
            (
                "https://portal.example/",
                None,
                "/app",
                "https://portal.example/",
            ),
            (
                "https://example.com/portal/",
                None,
                "",
                "https://example.com/portal/",
            ),
            (
                "https://example.com/portal",
                Some(&domain),
                "",
                "https://help.acme.example/",
            ),
            (
                "https://portal.example",
                Some(&domain),
                "/app",
                "https://help.acme.example/app/",
            ),
        ] {
            let links = Links::new(&public.parse().unwrap(), domain, path);
            assert_eq!(links.home(), home);
        }
    }

    #[test]
    fn each_link_has_its_path() {
        let links = Links::new(&"https://example.com/portal".parse().unwrap(), None, "");
        let token = OneTimeToken::generate();
        assert_eq!(
            links.unsubscribe("a.b"),
            "https://example.com/api/v1/portal/unsubscribe?token=a.b"
        );
        let ticket = TicketId::generate(&SystemEnvironment);
        assert_eq!(
            links.ticket(ticket),
            format!("https://example.com/portal/tickets/{ticket}")
        );
        for (purpose, page) in [
            (OneTimeTokenPurpose::PasswordReset, "reset-password"),
            (OneTimeTokenPurpose::Invitation, "accept-invite"),
        ] {
            let token_link = format!("https://example.com/portal/{page}?token={}", token.expose());
            assert_eq!(links.choose_password(purpose, &token), token_link);
        }
    }
}

//! The keys that attempts are counted by.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use data_encoding::HEXLOWER;
use portal_domain::clients::client_network;
use sha2::{Digest as _, Sha256};

use super::Limit;

/// The SHA-256 of an account's name, so that the store has no mail addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountDigest([u8; 32]);

impl AccountDigest {
    /// The digest of an account's name, such as its address.
    pub fn of(account: &str) -> Self {
        Self(Sha256::digest(account).into())
    }
}

/// 64 lower-case hexadecimal digits.
impl fmt::Display for AccountDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    Ipv4(Ipv4Addr),
    Ipv6Network(Ipv6Addr),
    Account(AccountDigest),
}

impl Subject {
    /// A client by its [`client_network`].
    pub(crate) fn client(address: IpAddr) -> Self {
        match client_network(address) {
            IpAddr::V4(address) => Self::Ipv4(address),
            IpAddr::V6(network) => Self::Ipv6Network(network),
        }
    }

    /// An account, given any stable name of it.
    pub(crate) fn account(name: &str) -> Self {
        Self::Account(AccountDigest::of(name))
    }
}

/// The key of a count: a limit, and the client address or account whose attempts it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LimitKey {
    limit: Limit,
    subject: Subject,
}

impl LimitKey {
    /// The key for a client's IPv4 address, also if mapped to IPv6 (`::ffff:192.0.2.1`), or the /64
    /// of its IPv6 address.
    pub fn for_client(limit: &Limit, client: IpAddr) -> Self {
        Self {
            limit: *limit,
            subject: Subject::client(client),
        }
    }

    /// The key for an account, given any stable name of it.
    pub fn for_account(limit: &Limit, account: &str) -> Self {
        Self {
            limit: *limit,
            subject: Subject::account(account),
        }
    }

    /// The limit that attempts are counted against.
    pub const fn limit(&self) -> &Limit {
        &self.limit
    }
}

/// `login:client:192.0.2.1`, `login:client:2001:db8::/64` or `login:account:<64 digits>`.
impl fmt::Display for LimitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = self.limit.name;
        match self.subject {
            Subject::Ipv4(address) => write!(f, "{limit}:client:{address}"),
            Subject::Ipv6Network(network) => write!(f, "{limit}:client:{network}/64"),
            Subject::Account(digest) => write!(f, "{limit}:account:{digest}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limits::{LOGIN, RESET_PASSWORD};

    #[test]
    fn clients_are_counted_by_ipv4_address_or_ipv6_network() {
        for (address, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::1", "::/64"),
        ] {
            let address: IpAddr = address.parse().unwrap();
            let key = LimitKey::for_client(&LOGIN, address).to_string();
            assert_eq!(key, format!("login:client:{expected}"));
        }
    }

    #[test]
    fn rate_limit_keys_differ_by_limit_client_and_account() {
        let client: IpAddr = "192.0.2.1".parse().unwrap();
        assert_ne!(
            LimitKey::for_client(&LOGIN, client),
            LimitKey::for_account(&LOGIN, "a")
        );
        assert_ne!(
            LimitKey::for_account(&LOGIN, "a"),
            LimitKey::for_account(&LOGIN, "b")
        );
        assert_ne!(
            LimitKey::for_client(&LOGIN, client),
            LimitKey::for_client(&RESET_PASSWORD, client)
        );
    }

    #[test]
    fn a_rate_limit_key_contains_no_mail_address() {
        let client = LimitKey::for_client(&LOGIN, "192.0.2.1".parse().unwrap());
        assert_eq!(client.to_string(), "login:client:192.0.2.1");
        // the digest computed with `sha256sum`
        let account = LimitKey::for_account(&LOGIN, "ada@example.com");
        assert_eq!(
            account.to_string(),
            "login:account:b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72"
        );
    }
}

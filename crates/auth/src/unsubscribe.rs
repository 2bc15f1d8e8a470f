//! Tokens in mails, by which their reader switches off that kind of mails without signing in.
//!
//! A token is signed, not stored: it does one thing, which its user can undo, and so does not expire.
//! A mail may be read long after it was sent.

use portal_domain::ids::{OrganizationId, UserId};
use portal_domain::profiles::NotificationKind;
use uuid::Uuid;

use crate::keys::{Purpose, SecretKey};
use crate::signed_payload::PayloadSigner;

/// The mails that a token is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription {
    /// The user's organization.
    pub organization_id: OrganizationId,
    /// The user who gets them.
    pub user_id: UserId,
    /// Their kind.
    pub kind: NotificationKind,
}

/// Issues and opens the tokens.
#[derive(Clone)]
pub struct UnsubscribeTokens(PayloadSigner);

impl std::fmt::Debug for UnsubscribeTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnsubscribeTokens").finish_non_exhaustive()
    }
}

impl UnsubscribeTokens {
    /// Tokens with the key that `secret` yields for them.
    pub fn new(secret: &SecretKey) -> Self {
        Self(PayloadSigner::new(secret, Purpose::Unsubscribe))
    }

    /// The token of a subscription; its alphabet needs no escaping in a query.
    pub fn issue(&self, subscription: Subscription) -> String {
        let Subscription {
            organization_id,
            user_id,
            kind,
        } = subscription;
        let (organization, user) = (Uuid::from(organization_id), Uuid::from(user_id));
        let parts: [&[u8]; 3] = [
            organization.as_bytes(),
            user.as_bytes(),
            kind.as_str().as_bytes(),
        ];
        self.0.sign(&[], &parts.concat())
    }

    /// The subscription of a token, if it was issued here.
    pub fn open(&self, token: &str) -> Option<Subscription> {
        let payload = self.0.open(&[], token)?;
        let (organization, rest) = payload.split_at_checked(16)?;
        let (user, kind) = rest.split_at_checked(16)?;
        Some(Subscription {
            organization_id: Uuid::from_slice(organization).ok()?.into(),
            user_id: Uuid::from_slice(user).ok()?.into(),
            kind: std::str::from_utf8(kind).ok()?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use portal_domain::environment::SystemEnvironment;

    use super::*;

    #[test]
    fn a_token_names_its_subscription_and_cannot_be_made_up() {
        let key = SecretKey::new(&[7; 32]).unwrap();
        let tokens = UnsubscribeTokens::new(&key);
        for kind in NotificationKind::ALL.iter().copied() {
            let subscription = Subscription {
                organization_id: OrganizationId::generate(&SystemEnvironment),
                user_id: UserId::generate(&SystemEnvironment),
                kind,
            };
            let token = tokens.issue(subscription);
            assert_eq!(tokens.open(&token), Some(subscription));
            let other = UnsubscribeTokens::new(&SecretKey::random());
            assert_eq!(other.open(&token), None);
            assert_eq!(tokens.open(&format!("A{token}")), None);
        }
        let short = PayloadSigner::new(&key, Purpose::Unsubscribe).sign(&[], b"short");
        assert_eq!(tokens.open(&short), None);
    }
}

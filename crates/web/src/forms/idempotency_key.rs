//! Idempotency keys of forms that create something.
//!
//! Such a form carries the id of what it creates, signed together with the form's name and the user.
//! A second submission (a double click, a reload, a retry at another instance) finds the id taken
//! in the database, and the user gets what the first one created. The server stores nothing.
//!
//! Opening the form again gives a new key, so creating two equal things on purpose is possible.

use portal_auth::PayloadSigner;
use portal_domain::environment::Environment;
use portal_domain::ids::{TicketId, UserId};
use uuid::Uuid;

/// The idempotency key of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The hidden field of the form.
    pub(crate) const FIELD: &str = "once";

    /// A new key for a form called `form`, issued for a user.
    pub(crate) fn new(
        signer: &PayloadSigner,
        env: &dyn Environment,
        form: &str,
        user: UserId,
    ) -> Self {
        // Ids of all types are UUIDs of version 7.
        let id: Uuid = TicketId::generate(env).into();
        Self(signer.sign(&[form, &user.to_string()], id.as_bytes()))
    }

    /// The id in a submitted key, if the key was issued for this form and this user.
    pub(crate) fn open<T: From<Uuid>>(
        signer: &PayloadSigner,
        form: &str,
        user: UserId,
        key: &str,
    ) -> Option<T> {
        let payload = signer.open(&[form, &user.to_string()], key)?;
        Uuid::from_slice(&payload).ok().map(T::from)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use portal_auth::{Purpose, SecretKey};
    use portal_domain::environment::SystemEnvironment;

    use super::*;

    #[test]
    fn key_is_valid_for_one_form_and_user() {
        let secret = SecretKey::random();
        let instances = [(); 2].map(|()| PayloadSigner::new(&secret, Purpose::FormIdempotency));
        let [ada, bob] = [(); 2].map(|()| UserId::generate(&SystemEnvironment));
        let key = IdempotencyKey::new(&instances[0], &SystemEnvironment, "ticket", ada);

        let read =
            |form, user, key| IdempotencyKey::open::<TicketId>(&instances[1], form, user, key);
        let id = read("ticket", ada, key.as_str()).unwrap();
        assert_eq!(read("ticket", ada, key.as_str()), Some(id));
        assert_eq!(read("comment", ada, key.as_str()), None);
        assert_eq!(read("ticket", bob, key.as_str()), None);
        assert_eq!(read("ticket", ada, ""), None);
    }

    #[test]
    fn keys_are_unique() {
        let signer = PayloadSigner::new(&SecretKey::random(), Purpose::FormIdempotency);
        let ada = UserId::generate(&SystemEnvironment);
        let [one, two] =
            [(); 2].map(|()| IdempotencyKey::new(&signer, &SystemEnvironment, "ticket", ada));
        assert_ne!(one, two);
    }
}

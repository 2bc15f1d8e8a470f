//! Idempotency keys of forms that create something.
//!
//! A form that makes something carries the id of what it is going to make, signed together with
//! the form's name and the user it was shown to. Submitting it makes the thing under that id. The
//! second submission of the same form, be it an impatient click, a reload or a retry that reaches
//! another instance, finds the id taken: the database's own unique key refuses to make it twice,
//! and the user is taken to what is there. Nothing has to be remembered between the requests, so
//! nothing can be lost, and any instance with the same secret can tell that the id is one that was
//! given out.
//!
//! A form that is opened anew gets a new id: making two equal things on purpose stays possible.

use portal_auth::Marks;
use portal_domain::environment::Environment;
use portal_domain::ids::{TicketId, UserId};
use uuid::Uuid;

/// The mark of a form that makes one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Once(String);

impl Once {
    /// The hidden field that carries it.
    pub(crate) const FIELD: &str = "once";

    /// A mark for a form called `form`, shown to a user.
    pub(crate) fn mint(marks: &Marks, env: &dyn Environment, form: &str, user: UserId) -> Self {
        // All ids are UUIDs of version 7; whose type is borrowed here makes no difference.
        let id: Uuid = TicketId::generate(env).into();
        Self(marks.sign(&[form, &user.to_string()], id.as_bytes()))
    }

    /// The id that a submitted mark carries, if it was made for this form and this user.
    pub(crate) fn read<T: From<Uuid>>(
        marks: &Marks,
        form: &str,
        user: UserId,
        mark: &str,
    ) -> Option<T> {
        let payload = marks.open(&[form, &user.to_string()], mark)?;
        Uuid::from_slice(&payload).ok().map(T::from)
    }

    /// The mark, for the form's hidden field.
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
    fn a_mark_is_good_for_one_form_and_one_user() {
        let secret = SecretKey::random();
        let instances = [(); 2].map(|()| Marks::new(&secret, Purpose::FormIdempotency));
        let [ada, bob] = [(); 2].map(|()| UserId::generate(&SystemEnvironment));
        let once = Once::mint(&instances[0], &SystemEnvironment, "ticket", ada);

        let read = |form, user, mark| Once::read::<TicketId>(&instances[1], form, user, mark);
        let id = read("ticket", ada, once.as_str()).unwrap();
        assert_eq!(read("ticket", ada, once.as_str()), Some(id));
        assert_eq!(read("comment", ada, once.as_str()), None);
        assert_eq!(read("ticket", bob, once.as_str()), None);
        assert_eq!(read("ticket", ada, ""), None);
    }

    #[test]
    fn every_form_makes_a_thing_of_its_own() {
        let marks = Marks::new(&SecretKey::random(), Purpose::FormIdempotency);
        let ada = UserId::generate(&SystemEnvironment);
        let [one, two] = [(); 2].map(|()| Once::mint(&marks, &SystemEnvironment, "ticket", ada));
        assert_ne!(one, two);
    }
}

//! Globex's people.

use crate::clock::{day, minutes_ago};
use crate::script::{Person, Standing};

pub(super) const ROSA: &str = "rosa.delgado@globex.example";
pub(super) const MARCUS: &str = "marcus.chen@globex.example";
pub(super) const PRIYA: &str = "priya.nair@globex.example";
pub(super) const DANA: &str = "dana.kowalski@globex.example";
pub(super) const SAM: &str = "sam@consulting.example";
pub(super) const WALTER: &str = "walter.hughes@globex.example";

pub(super) const ALL: &[Person] = &[
    Person {
        email: ROSA,
        name: Some("Rosa Delgado"),
        since: day(65, 9, 30),
        standing: Standing::Active {
            last_sign_in: minutes_ago(42),
        },
        remark: "an urgent ticket that nobody has looked at, and a laptop on loan",
    },
    Person {
        email: MARCUS,
        name: Some("Marcus Chen"),
        since: day(65, 9, 31),
        standing: Standing::Active {
            last_sign_in: day(1, 16, 40),
        },
        remark: "a resolved ticket with a long conversation, and an overdue loan",
    },
    Person {
        email: PRIYA,
        name: Some("Priya Nair"),
        since: day(65, 9, 33),
        standing: Standing::Active {
            last_sign_in: minutes_ago(150),
        },
        remark: "tickets open and on hold, and returned loans",
    },
    Person {
        email: DANA,
        name: Some("Dana Kowalski"),
        since: day(49, 10, 0),
        standing: Standing::Active {
            last_sign_in: day(1, 17, 10),
        },
        remark: "tickets open and resolved, and a loan that was due yesterday",
    },
    Person {
        email: SAM,
        name: Some("Sam Rivera"),
        since: day(36, 15, 45),
        standing: Standing::Active {
            last_sign_in: day(2, 13, 5),
        },
        remark: "also belongs to Acme, so has to choose when signing in",
    },
    Person {
        email: "jonah.reed@globex.example",
        name: Some("Jonah Reed"),
        since: minutes_ago(75),
        standing: Standing::Invited,
        remark: "invited; the mail with the link is in the outbox",
    },
    Person {
        email: WALTER,
        name: Some("Walter Hughes"),
        since: day(65, 9, 40),
        standing: Standing::Left {
            at: day(14, 16, 30),
        },
        remark: "has left, and cannot sign in",
    },
];

//! Acme's people.

use crate::clock::{day, minutes_ago};
use crate::script::{Person, Standing};

pub(super) const LENA: &str = "lena.vogt@acme.example";
pub(super) const TOMASZ: &str = "tomasz.zielinski@acme.example";
pub(super) const MIRIAM: &str = "miriam.okafor@acme.example";
pub(super) const HENRIK: &str = "henrik.dahl@acme.example";
pub(super) const FRONT_DESK: &str = "frontdesk@acme.example";
pub(super) const SAM: &str = "sam@consulting.example";
pub(super) const PAUL: &str = "paul.brandt@acme.example";

pub(super) const ALL: &[Person] = &[
    Person {
        email: LENA,
        name: Some("Lena Vogt"),
        since: day(68, 9, 10),
        standing: Standing::Active {
            last_sign_in: minutes_ago(97),
        },
        remark: "tickets new, on hold, resolved and closed, and a laptop on loan",
    },
    Person {
        email: TOMASZ,
        name: Some("Tomasz Zieliński"),
        since: day(68, 9, 12),
        standing: Standing::Active {
            last_sign_in: minutes_ago(171),
        },
        remark: "an urgent ticket in progress, and an overdue loan",
    },
    Person {
        email: MIRIAM,
        name: Some("Miriam Okafor"),
        since: day(68, 9, 14),
        standing: Standing::Active {
            last_sign_in: day(1, 16, 2),
        },
        remark: "several loans, active and returned",
    },
    Person {
        email: HENRIK,
        name: Some("Henrik Dahl"),
        since: day(68, 9, 15),
        standing: Standing::Active {
            last_sign_in: day(2, 11, 20),
        },
        remark: "a ticket that waits for an answer",
    },
    Person {
        email: FRONT_DESK,
        name: None,
        since: day(52, 8, 30),
        standing: Standing::Active {
            last_sign_in: minutes_ago(214),
        },
        remark: "a shared account without a name",
    },
    Person {
        email: SAM,
        name: Some("Sam Rivera"),
        since: day(41, 13, 0),
        standing: Standing::Active {
            last_sign_in: day(3, 14, 25),
        },
        remark: "also belongs to Globex, so has to choose when signing in",
    },
    Person {
        email: "greta.lindner@acme.example",
        name: Some("Greta Lindner"),
        since: minutes_ago(130),
        standing: Standing::Invited,
        remark: "invited; the mail with the link is in the outbox",
    },
    Person {
        email: PAUL,
        name: Some("Paul Brandt"),
        since: day(68, 9, 20),
        standing: Standing::Left { at: day(30, 17, 0) },
        remark: "has left, and cannot sign in",
    },
];

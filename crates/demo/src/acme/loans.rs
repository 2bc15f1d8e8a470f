//! Acme's loans.

use super::devices::{
    DESIGN_MACBOOK, LAPTOP_1, LAPTOP_2, LAPTOP_3, OLD_LAPTOP, TRADE_FAIR_TABLET, VISITORS_MACBOOK,
};
use super::people::{HENRIK, LENA, MIRIAM, PAUL, SAM, TOMASZ};
use crate::clock::{day, in_days};
use crate::script::{Loan, Return};

pub(super) const ALL: &[Loan] = &[
    Loan {
        by: LENA,
        hostname: LAPTOP_1,
        at: day(6, 9, 40),
        due: Some(in_days(8, 17, 0)),
        condition: Some("Good"),
        notes: Some("For the supplier visits in Dresden. Charger and mouse included."),
        extended: None,
        returned: None,
    },
    Loan {
        by: TOMASZ,
        hostname: LAPTOP_2,
        at: day(24, 13, 5),
        due: Some(day(3, 17, 0)),
        condition: Some("Scratches on the lid"),
        notes: Some("For the stocktaking in hall C."),
        extended: None,
        returned: None,
    },
    Loan {
        by: HENRIK,
        hostname: LAPTOP_3,
        at: day(45, 8, 50),
        due: Some(day(40, 17, 0)),
        condition: Some("Like new"),
        notes: Some("While my own laptop is being repaired."),
        extended: None,
        returned: Some(Return {
            at: day(40, 15, 20),
            by_team: false,
            condition: Some("Like new"),
            notes: Some("Signed out everywhere, nothing left on it."),
        }),
    },
    Loan {
        by: MIRIAM,
        hostname: LAPTOP_3,
        at: day(27, 10, 15),
        due: Some(day(20, 12, 0)),
        condition: Some("Like new"),
        notes: Some("Customer workshop in Hamburg."),
        extended: Some((day(21, 9, 30), day(18, 12, 0))),
        returned: Some(Return {
            at: day(18, 11, 10),
            by_team: false,
            condition: Some("Good"),
            notes: Some("The space bar sticks a little since the workshop."),
        }),
    },
    Loan {
        by: MIRIAM,
        hostname: VISITORS_MACBOOK,
        at: day(34, 8, 35),
        due: Some(day(33, 17, 0)),
        condition: Some("Good"),
        notes: None,
        extended: None,
        returned: Some(Return {
            at: day(33, 16, 45),
            by_team: false,
            condition: Some("Damaged"),
            notes: Some(
                "Our guest dropped it: one corner is dented and the left USB-C port is loose. \
                 It still charges on the right.",
            ),
        }),
    },
    Loan {
        by: MIRIAM,
        hostname: TRADE_FAIR_TABLET,
        at: day(12, 14, 0),
        due: None,
        condition: Some("Good"),
        notes: Some("Product catalogue on the road; coming back with me after the fair."),
        extended: None,
        returned: None,
    },
    Loan {
        by: SAM,
        hostname: DESIGN_MACBOOK,
        at: day(15, 11, 0),
        due: Some(day(1, 12, 0)),
        condition: Some("Good"),
        notes: Some("For the audit of the drawing archive."),
        extended: Some((day(3, 14, 30), in_days(6, 12, 0))),
        returned: None,
    },
    Loan {
        by: PAUL,
        hostname: OLD_LAPTOP,
        at: day(58, 9, 0),
        due: None,
        condition: Some("Worn, battery lasts an hour"),
        notes: None,
        extended: None,
        returned: Some(Return {
            at: day(30, 16, 30),
            by_team: true,
            condition: Some("Worn"),
            notes: Some("Collected on Paul's last day. To be wiped and taken out of service."),
        }),
    },
];

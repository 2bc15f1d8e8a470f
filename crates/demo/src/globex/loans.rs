//! Globex's loans.

use super::devices::{CONFERENCE_1, CONFERENCE_2, FIELD_1, FIELD_2, FIELD_3, MEASURING_LAPTOP};
use super::people::{DANA, MARCUS, PRIYA, ROSA, SAM, WALTER};
use crate::clock::{day, in_days};
use crate::script::{Loan, Return};

pub(super) const ALL: &[Loan] = &[
    Loan {
        by: ROSA,
        hostname: FIELD_1,
        at: day(5, 9, 50),
        due: Some(in_days(2, 18, 0)),
        condition: Some("Good"),
        notes: Some("Site inspection upstate. Took the car charger as well."),
        extended: None,
        returned: None,
    },
    Loan {
        by: MARCUS,
        hostname: FIELD_2,
        at: day(31, 10, 30),
        due: Some(day(9, 18, 0)),
        condition: Some("Good, one rubber foot missing"),
        notes: Some("Field measurements with the river group."),
        extended: Some((day(17, 12, 0), day(7, 18, 0))),
        returned: None,
    },
    Loan {
        by: DANA,
        hostname: CONFERENCE_1,
        at: day(7, 14, 20),
        due: Some(day(1, 12, 0)),
        condition: Some("Like new"),
        notes: Some("Talk at the Boston conference."),
        extended: None,
        returned: None,
    },
    Loan {
        by: PRIYA,
        hostname: CONFERENCE_2,
        at: day(26, 9, 15),
        due: Some(day(22, 18, 0)),
        condition: Some("Good"),
        notes: Some("Poster session, needs the HDMI adapter."),
        extended: None,
        returned: Some(Return {
            at: day(22, 17, 5),
            by_team: false,
            condition: Some("Good"),
            notes: Some("HDMI adapter is in the sleeve's side pocket."),
        }),
    },
    Loan {
        by: PRIYA,
        hostname: MEASURING_LAPTOP,
        at: day(19, 11, 10),
        due: Some(day(12, 18, 0)),
        condition: Some("Screen has a small bright spot"),
        notes: None,
        extended: None,
        returned: Some(Return {
            at: day(10, 9, 25),
            by_team: false,
            condition: Some("Screen has a small bright spot"),
            notes: Some("Sorry for the delay, the calibration took two more days."),
        }),
    },
    Loan {
        by: SAM,
        hostname: CONFERENCE_2,
        at: day(16, 13, 30),
        due: Some(day(13, 17, 0)),
        condition: Some("Good"),
        notes: Some("Workshop with the finance team."),
        extended: None,
        returned: Some(Return {
            at: day(13, 16, 10),
            by_team: false,
            condition: Some("Good"),
            notes: None,
        }),
    },
    Loan {
        by: SAM,
        hostname: MEASURING_LAPTOP,
        at: day(2, 13, 15),
        due: None,
        condition: Some("Screen has a small bright spot"),
        notes: Some("Reading old data files that need its software."),
        extended: None,
        returned: None,
    },
    Loan {
        by: WALTER,
        hostname: FIELD_3,
        at: day(50, 10, 0),
        due: Some(day(20, 18, 0)),
        condition: Some("Good"),
        notes: Some("Working from home during the renovation."),
        extended: None,
        returned: Some(Return {
            at: day(14, 15, 45),
            by_team: true,
            condition: Some("Keyboard damaged"),
            notes: Some(
                "Returned to the front desk when Walter left. Coffee under the keys; going in for \
                 repair.",
            ),
        }),
    },
];

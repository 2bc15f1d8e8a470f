//! Globex's open tickets.

use portal_domain::tickets::TicketPriority::{High, Low, Normal, Urgent};
use portal_domain::tickets::TicketStatus::{OnHold, Pending};

use super::people::{DANA, MARCUS, PRIYA, ROSA, SAM};
use super::{BEA, CASEY};
use crate::clock::{day, minutes_ago};
use crate::script::Deed::{Answer, Assign, Link, Move, Note, Reply, Triage};
use crate::script::Ticket;

pub(super) const ALL: &[Ticket] = &[
    Ticket {
        by: PRIYA,
        at: day(18, 10, 10),
        subject: "License for the structure viewer expires at the end of the month",
        description: "The viewer shows a warning at each start. Eleven people in my group depend \
            on it. Order number of the last license: SV-2231-11.",
        priority: Normal,
        then: &[
            (day(18, 11, 0), Triage(Normal)),
            (day(18, 11, 1), Assign(BEA)),
            (
                day(17, 14, 40),
                Reply(
                    BEA,
                    "I have asked the vendor for a quote for eleven seats. Purchasing needs about \
                     two weeks, so we are in time.",
                ),
            ),
            (
                day(17, 14, 45),
                Link("PO-7718", "https://purchasing.globex.example/orders/7718"),
            ),
            (day(17, 14, 46), Move(OnHold)),
            (
                day(5, 10, 30),
                Note(
                    BEA,
                    "Quote is 8 % higher than last year. Waiting for a signature.",
                ),
            ),
        ],
    },
    Ticket {
        by: DANA,
        at: day(6, 11, 25),
        subject: "Display in room 4B flickers during video calls",
        description: "Every few minutes the big display goes black for a second, in calls only. \
            It is a nuisance rather than a problem.",
        priority: Low,
        then: &[
            (day(6, 13, 0), Triage(Low)),
            (day(6, 13, 1), Assign(CASEY)),
            (
                day(5, 9, 40),
                Reply(
                    CASEY,
                    "I will exchange the display's cable when the room is free.",
                ),
            ),
            (
                day(4, 9, 15),
                Answer("Early mornings are best, nobody meets there before ten."),
            ),
        ],
    },
    Ticket {
        by: MARCUS,
        at: day(2, 16, 45),
        subject: "Cannot sign in after replacing my phone",
        description: "My old phone is broken. The new one has the same number, but the sign-in \
            asks for a code from the app, which I no longer have.",
        priority: Urgent,
        then: &[
            (day(2, 16, 50), Triage(Urgent)),
            (day(2, 16, 50), Assign(BEA)),
            (
                day(2, 16, 55),
                Note(
                    BEA,
                    "Reset of a second factor: only after seeing him or his badge on video.",
                ),
            ),
            (
                day(2, 17, 0),
                Reply(
                    BEA,
                    "We have to see you before we may reset this. Please come to room 5.17 with \
                     your badge, or name a time for a short video call.",
                ),
            ),
            (day(2, 17, 1), Move(Pending)),
        ],
    },
    Ticket {
        by: SAM,
        at: day(2, 13, 40),
        subject: "Old data files open with wrong characters",
        description: "In the exports from before 2009 all names with accents are garbled, for \
            example \"JosÃ©\" instead of \"José\". Is there a converter on the measuring laptop?",
        priority: Normal,
        then: &[
            (day(2, 14, 30), Triage(Normal)),
            (day(2, 14, 31), Assign(CASEY)),
            (
                day(1, 10, 15),
                Reply(
                    CASEY,
                    "The files are fine, but they are read in the wrong encoding. Choose \"UTF-8\" \
                     instead of \"Western\" in the import dialog. Does that help?",
                ),
            ),
        ],
    },
    Ticket {
        by: PRIYA,
        at: day(1, 9, 20),
        subject: "Simulation runs stop after the cluster update",
        description: "Since the update, runs on the GPU nodes end after a few minutes:\n\n\
            \tsrun: error: glx-gpu-a1: task 0: Killed\n\
            \tslurmstepd: error: Detected 1 oom_kill event\n\n\
            The same input ran through last week, with the same memory request.",
        priority: High,
        then: &[
            (day(1, 9, 35), Triage(High)),
            (day(1, 9, 36), Assign(CASEY)),
            (
                day(1, 11, 20),
                Note(
                    CASEY,
                    "The update has changed the default memory per CPU from 8 to 4 GB. A1 also \
                     reports ECC errors and is out for a memory test.",
                ),
            ),
            (
                day(1, 11, 45),
                Reply(
                    CASEY,
                    "The update has lowered the default memory. Please add --mem-per-cpu=8G to \
                     your jobs for now; we are raising the default again.",
                ),
            ),
            (
                minutes_ago(148),
                Answer("With that option it runs on A2. A1 is not available at all, is it broken?"),
            ),
            (
                minutes_ago(61),
                Reply(
                    CASEY,
                    "A1 has a faulty memory module, so we have taken it out. It should be back \
                     tomorrow.",
                ),
            ),
        ],
    },
    Ticket {
        by: DANA,
        at: day(1, 17, 15),
        subject: "Bigger mailbox for the press office",
        description: "We receive many pictures these days, and the mailbox is at 96 %.",
        priority: Normal,
        then: &[],
    },
    Ticket {
        by: ROSA,
        at: minutes_ago(40),
        subject: "Badge reader at the main entrance rejects everybody",
        description: "The reader blinks red for every badge since a few minutes. The guard lets \
            people in by hand, and there is a queue to the street.",
        priority: Urgent,
        then: &[],
    },
];

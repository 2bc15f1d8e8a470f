//! Globex's resolved and closed tickets.

use portal_domain::tickets::TicketPriority::{High, Low, Normal, Urgent};
use portal_domain::tickets::TicketStatus::{Closed, OnHold, Open, Pending, Resolved};

use super::people::{DANA, MARCUS, PRIYA, ROSA, WALTER};
use super::{BEA, CASEY};
use crate::clock::day;
use crate::script::Deed::{Answer, Assign, Confirm, Link, Move, Note, Reply, Triage};
use crate::script::Ticket;

pub(super) const ALL: &[Ticket] = &[
    Ticket {
        by: WALTER,
        at: day(47, 10, 20),
        subject: "Voicemail greeting cannot be changed",
        description: "The phone says that my PIN is wrong when I want to record a new greeting. \
            I have used the same PIN for years.",
        priority: Normal,
        then: &[
            (day(47, 11, 0), Triage(Normal)),
            (
                day(47, 11, 15),
                Reply(
                    BEA,
                    "The new phone system asks for six digits. Put 00 in front of your old PIN, \
                     then choose a new one when it asks.",
                ),
            ),
            (day(47, 11, 16), Move(Pending)),
            (day(47, 14, 2), Answer("That did it.")),
            (day(47, 14, 30), Move(Resolved)),
            (day(47, 14, 41), Confirm),
        ],
    },
    Ticket {
        by: ROSA,
        at: day(38, 9, 5),
        subject: "Projector in 4B does not find the room computer",
        description: "The projector shows \"no signal\" on every input. The board meets there \
            at 11.",
        priority: High,
        then: &[
            (day(38, 9, 12), Triage(High)),
            (day(38, 9, 12), Assign(CASEY)),
            (
                day(38, 9, 40),
                Note(CASEY, "Cable in the floor box is cut. Bypassed it for now."),
            ),
            (
                day(38, 9, 45),
                Reply(
                    CASEY,
                    "The picture is back: I have laid a cable along the wall for today. The one \
                     in the floor is broken and will be replaced.",
                ),
            ),
            (day(38, 9, 46), Move(OnHold)),
            (
                day(29, 16, 20),
                Reply(
                    CASEY,
                    "The cable in the floor is new, and the tape is gone.",
                ),
            ),
            (day(29, 16, 21), Move(Resolved)),
            (day(28, 9, 30), Confirm),
        ],
    },
    Ticket {
        by: PRIYA,
        at: day(33, 13, 45),
        subject: "Please remind me how to book cluster time",
        description: "I cannot find the page where one reserves nodes for a longer run.",
        priority: Low,
        then: &[
            (
                day(33, 15, 10),
                Reply(
                    BEA,
                    "It has moved: open the research portal, then \"Compute\" and \"Reserve\". \
                     Runs of more than three days need your group leader's approval.",
                ),
            ),
            (day(33, 15, 11), Move(Resolved)),
            (
                day(23, 10, 0),
                Note(
                    BEA,
                    "Closing after ten days. Added the link to the handbook.",
                ),
            ),
            (day(23, 10, 1), Move(Closed)),
        ],
    },
    Ticket {
        by: MARCUS,
        at: day(12, 9, 2),
        subject: "The river group's folder is gone",
        description: "The folder \"river-2\" has vanished from the research storage. It holds all \
            measurements since spring. It was there yesterday evening. We have a deadline in two \
            days.",
        priority: Urgent,
        then: &[
            (day(12, 9, 6), Triage(Urgent)),
            (day(12, 9, 6), Assign(CASEY)),
            (
                day(12, 9, 10),
                Reply(
                    CASEY,
                    "Please ask everybody in the group not to write anything to the storage for \
                     now. I am looking at last night's snapshots.",
                ),
            ),
            (
                day(12, 9, 14),
                Answer("All informed. What can I do to help?"),
            ),
            (
                day(12, 9, 31),
                Note(
                    CASEY,
                    "Not deleted: moved into river-1/old at 18:52, from Marcus's own session. \
                     Looks like a slip with the mouse. Do not make a story of it.",
                ),
            ),
            (
                day(12, 9, 40),
                Reply(
                    CASEY,
                    "Found it, complete: the folder had been moved into \"river-1/old\". I have \
                     moved it back. Could you check a few files that you know well?",
                ),
            ),
            (day(12, 9, 41), Move(Pending)),
            (
                day(12, 10, 25),
                Answer("The files are all there. One of the scripts says \"permission denied\"."),
            ),
            (
                day(12, 11, 0),
                Reply(
                    CASEY,
                    "The folder had taken on the permissions of its new place. They are as before \
                     now. Please try the script again.",
                ),
            ),
            (
                day(12, 11, 30),
                Answer("Works. You have saved our deadline, thank you!"),
            ),
            (
                day(12, 11, 45),
                Link("GX-3391", "https://tracker.msp.example/browse/GX-3391"),
            ),
            (
                day(11, 10, 0),
                Note(
                    BEA,
                    "Top-level folders can be moved by admins only from now on (GX-3391).",
                ),
            ),
            (day(11, 10, 5), Move(Resolved)),
        ],
    },
    Ticket {
        by: DANA,
        at: day(9, 15, 30),
        subject: "Adding a colleague to the press list",
        description: "Please add jonah.reed@globex.example to the mailing list press-team once \
            his account exists.",
        priority: Low,
        then: &[
            (day(9, 16, 0), Triage(Low)),
            (day(9, 16, 1), Assign(BEA)),
            (
                day(8, 9, 45),
                Reply(BEA, "The list is prepared; he is on it from his first day."),
            ),
            (day(8, 9, 46), Move(Closed)),
            (
                day(8, 9, 50),
                Note(BEA, "Closed by mistake, his account is not there yet."),
            ),
            (day(8, 9, 51), Move(Open)),
            (
                day(4, 9, 30),
                Reply(BEA, "His address exists now and is on the list."),
            ),
            (day(4, 9, 31), Move(Resolved)),
        ],
    },
];

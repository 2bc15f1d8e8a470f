//! Acme's resolved and closed tickets.

use portal_domain::tickets::TicketPriority::{High, Low, Normal, Urgent};
use portal_domain::tickets::TicketStatus::{Closed, OnHold, Pending, Resolved};

use super::people::{HENRIK, LENA, MIRIAM, PAUL, SAM, TOMASZ};
use super::{ROBIN, YARA};
use crate::clock::{day, minutes_ago};
use crate::script::Deed::{Answer, Assign, Confirm, Link, Move, Note, Reply, Triage};
use crate::script::Ticket;

pub(super) const ALL: &[Ticket] = &[
    Ticket {
        by: TOMASZ,
        at: day(44, 7, 50),
        subject: "Clock on the forklift terminal is an hour ahead",
        description: "The terminal on forklift 3 shows a time that is one hour ahead. Bookings \
            made there land in the wrong shift.",
        priority: Normal,
        then: &[
            (day(44, 8, 15), Triage(Normal)),
            (day(44, 8, 16), Assign(ROBIN)),
            (
                day(44, 10, 2),
                Reply(
                    ROBIN,
                    "The terminal had lost its time server after the network change. It is set \
                     again and shows the right time now. I have also corrected this morning's \
                     bookings together with the shift leader.",
                ),
            ),
            (day(44, 10, 3), Move(Resolved)),
            (
                day(37, 9, 0),
                Note(
                    ROBIN,
                    "No objection within a week. The other terminals were fine.",
                ),
            ),
            (day(37, 9, 1), Move(Closed)),
        ],
    },
    Ticket {
        by: SAM,
        at: day(40, 14, 10),
        subject: "Access to the drawing archive for the audit",
        description: "I start the document audit next week and need read access to the drawing \
            archive on the file server. Henrik Dahl has approved it and can confirm.",
        priority: Low,
        then: &[
            (day(40, 15, 0), Triage(Low)),
            (day(40, 15, 1), Assign(YARA)),
            (
                day(40, 15, 30),
                Note(
                    YARA,
                    "Asked Henrik by phone: approved until the year's end.",
                ),
            ),
            (
                day(39, 9, 5),
                Reply(
                    YARA,
                    "You have read access now. Please sign out and in again; the archive then \
                     appears as drive R:.",
                ),
            ),
            (day(39, 9, 6), Move(Resolved)),
            (day(39, 13, 40), Confirm),
        ],
    },
    Ticket {
        by: PAUL,
        at: day(33, 11, 0),
        subject: "Handing in my laptop before I leave",
        description: "My last day is coming up at the end of the week. Where do I leave the \
            laptop, and can I take my private photos with me?",
        priority: Normal,
        then: &[
            (
                day(33, 13, 25),
                Reply(
                    YARA,
                    "Thank you for asking early. Please copy the photos to a USB stick yourself; \
                     we pick the laptop up at your desk on your last day in the afternoon.",
                ),
            ),
            (day(33, 13, 26), Assign(YARA)),
            (day(33, 16, 10), Answer("That works for me, thank you.")),
            (
                day(30, 16, 40),
                Note(
                    YARA,
                    "Laptop collected and checked in. Account to be disabled at 17:00.",
                ),
            ),
            (day(30, 16, 41), Move(Closed)),
        ],
    },
    Ticket {
        by: HENRIK,
        at: day(20, 10, 48),
        subject: "I opened an attachment that was not an invoice",
        description: "A mail that looked like an invoice from our freight company had a file \
            attached. I opened it and a black window appeared for a second. Since then the fan is \
            loud. I have unplugged the network cable.",
        priority: Urgent,
        then: &[
            (day(20, 10, 52), Triage(Urgent)),
            (day(20, 10, 52), Assign(ROBIN)),
            (
                day(20, 10, 55),
                Reply(
                    ROBIN,
                    "Unplugging it was exactly right. Please leave the laptop switched on and do \
                     not use it. I am on my way to you with a replacement.",
                ),
            ),
            (
                day(20, 11, 20),
                Note(
                    ROBIN,
                    "ACM-LT-104 is quarantined. The loader was stopped by endpoint protection \
                     before it reached out; no sign of movement to other machines. Image taken.",
                ),
            ),
            (
                day(20, 11, 34),
                Link(
                    "INC-2207",
                    "https://psa.helpdesk.example/incidents/INC-2207",
                ),
            ),
            (
                day(20, 14, 30),
                Reply(
                    ROBIN,
                    "Good news: the program was stopped before it could do anything. You can go \
                     on working on the replacement. Please set a new password today, to be safe.",
                ),
            ),
            (
                day(20, 15, 5),
                Answer("New password is set. Thank you for the quick help!"),
            ),
            (
                day(19, 9, 10),
                Note(
                    YARA,
                    "Sender domain blocked, and a warning went out to all staff.",
                ),
            ),
            (day(19, 9, 30), Move(Resolved)),
            (day(19, 11, 45), Confirm),
        ],
    },
    Ticket {
        by: MIRIAM,
        at: day(8, 8, 25),
        subject: "VPN asks for my password every few minutes",
        description: "Since I am back from Hamburg, the VPN drops when I work from home and asks \
            for my password again. It happens five or six times an hour, also during calls.",
        priority: Normal,
        then: &[
            (day(8, 9, 0), Triage(Normal)),
            (day(8, 9, 1), Assign(YARA)),
            (
                day(8, 9, 20),
                Reply(
                    YARA,
                    "Does it also happen when you are connected by cable, not by Wi-Fi?",
                ),
            ),
            (day(8, 9, 21), Move(Pending)),
            (day(7, 10, 12), Answer("I tried it with a cable: the same.")),
            (
                day(7, 13, 50),
                Note(
                    YARA,
                    "Her client is two versions behind, from before the certificate change.",
                ),
            ),
            (
                day(6, 8, 40),
                Reply(
                    YARA,
                    "Your VPN client was outdated. The new version was installed last night. It \
                     should stay connected for the whole day now.",
                ),
            ),
            (day(6, 8, 41), Move(Resolved)),
        ],
    },
    Ticket {
        by: LENA,
        at: day(16, 13, 15),
        subject: "Mails to the shared planning mailbox bounce",
        description: "Two suppliers told me that their mails to planung@acme.example come back \
            with \"mailbox full\". I have already emptied the bin.",
        priority: High,
        then: &[
            (day(16, 13, 40), Triage(High)),
            (day(16, 13, 41), Assign(ROBIN)),
            (
                day(16, 14, 5),
                Reply(
                    ROBIN,
                    "I have raised the limit of the mailbox; new mails arrive again. The ones \
                     that bounced have to be sent once more.",
                ),
            ),
            (day(16, 14, 6), Move(Resolved)),
            (
                day(10, 9, 30),
                Answer("It is happening again since this morning, with the same message."),
            ),
            (
                day(10, 9, 45),
                Note(ROBIN, "A scanner sends 40 MB PDFs to the mailbox, all day."),
            ),
            (day(10, 9, 46), Move(OnHold)),
            (
                day(9, 15, 10),
                Reply(
                    ROBIN,
                    "The cause was the scanner in the dispatch hall, which sent every delivery \
                     note to this mailbox. It stores them on the file server now, and I have \
                     moved the old scans there.",
                ),
            ),
            (minutes_ago(240), Move(Resolved)),
        ],
    },
    Ticket {
        by: LENA,
        at: day(29, 8, 5),
        subject: "Second licence for the drawing viewer",
        description: "Our new apprentice needs the drawing viewer too. Cost centre 4410.",
        priority: Low,
        then: &[
            (day(29, 10, 0), Triage(Low)),
            (
                day(28, 9, 30),
                Reply(
                    YARA,
                    "The licence is ordered and installed on Planning desk 2.",
                ),
            ),
            (day(28, 9, 31), Move(Resolved)),
            (day(28, 12, 20), Confirm),
        ],
    },
];

//! Acme's open tickets.

use portal_domain::tickets::TicketPriority::{High, Low, Normal, Urgent};
use portal_domain::tickets::TicketStatus::{OnHold, Pending};

use super::people::{FRONT_DESK, HENRIK, LENA, MIRIAM, SAM, TOMASZ};
use super::{ROBIN, YARA};
use crate::clock::{day, minutes_ago};
use crate::script::Deed::{Answer, Assign, Link, Move, Note, Reply, Triage};
use crate::script::Ticket;

pub(super) const ALL: &[Ticket] = &[
    Ticket {
        by: LENA,
        at: day(13, 9, 20),
        subject: "Planning workbook takes ten minutes to open",
        description: "The workbook with the monthly plan opens very slowly since the ERP update. \
            Once it is open, everything is fine. Colleagues have the same problem, so it is not my \
            computer.",
        priority: High,
        then: &[
            (day(13, 9, 50), Triage(High)),
            (day(13, 9, 51), Assign(ROBIN)),
            (
                day(13, 11, 30),
                Reply(
                    ROBIN,
                    "I can see it too. While it opens, the workbook asks the ERP database the \
                     same question some 4,000 times. I have passed this on to the vendor.",
                ),
            ),
            (
                day(13, 11, 35),
                Link(
                    "PSA-10482",
                    "https://psa.helpdesk.example/tickets/PSA-10482",
                ),
            ),
            (day(13, 11, 36), Move(OnHold)),
            (
                day(6, 14, 0),
                Note(
                    ROBIN,
                    "Vendor confirms: connector 8.2 loses its cache. Fix promised in 8.2.1.",
                ),
            ),
            (
                day(6, 14, 10),
                Reply(
                    ROBIN,
                    "The vendor has found the cause and promised a correction. Until then: if you \
                     open the workbook from the folder \"Offline copy\", it is quick, with the \
                     figures of the night before.",
                ),
            ),
            (
                day(5, 8, 15),
                Answer("The offline copy helps a lot for now, thank you."),
            ),
        ],
    },
    Ticket {
        by: HENRIK,
        at: day(5, 16, 5),
        subject: "Export for the bank fails with error 0x80070005",
        description: "When I save the payment file for the bank, this appears:\n\n\
            \tCannot write to target folder\n\tError 0x80070005\n\n\
            The folder exists. Last month it worked.",
        priority: Normal,
        then: &[
            (day(4, 8, 10), Triage(Normal)),
            (day(4, 8, 11), Assign(YARA)),
            (
                day(4, 8, 30),
                Note(
                    YARA,
                    "Access denied. His replacement laptop is missing from the group \
                     acc-bank-write. Ask before granting: the folder holds payment files.",
                ),
            ),
            (
                day(4, 8, 45),
                Reply(
                    YARA,
                    "The replacement laptop may not write to that folder yet. Will you keep it, \
                     or do you want your old one back? If you keep it, I will give it access.",
                ),
            ),
            (day(4, 8, 46), Move(Pending)),
        ],
    },
    Ticket {
        by: MIRIAM,
        at: day(3, 10, 40),
        subject: "Calendar invitations reach customers an hour late",
        description: "Customers receive my invitations about one hour after I send them. Mails \
            without an invitation arrive at once. I noticed it with three different customers.",
        priority: Normal,
        then: &[
            (day(3, 11, 5), Triage(Normal)),
            (day(3, 11, 6), Assign(YARA)),
            (
                day(2, 9, 0),
                Reply(
                    YARA,
                    "I can see the delay in the log of the mail gateway and am looking for the \
                     reason. Could you send me a test invitation and note the time?",
                ),
            ),
            (day(2, 10, 22), Answer("Sent at 10:21 sharp.")),
            (
                day(1, 13, 30),
                Note(
                    YARA,
                    "Held by the attachment scanner: every .ics waits for the hourly run.",
                ),
            ),
        ],
    },
    Ticket {
        by: SAM,
        at: day(4, 11, 15),
        subject: "Guest Wi-Fi blocks my company's VPN",
        description: "On the guest network my own company's VPN (IPsec, UDP 500 and 4500) does \
            not connect. It works from my phone. I am on site until the end of the month.",
        priority: High,
        then: &[
            (day(4, 11, 40), Triage(Normal)),
            (
                day(4, 13, 0),
                Reply(
                    ROBIN,
                    "We can open this for your device. Which address does your VPN connect to?",
                ),
            ),
            (day(4, 13, 1), Assign(ROBIN)),
            (day(4, 13, 2), Move(Pending)),
            (
                day(3, 14, 28),
                Answer("It is vpn.consulting.example, 198.51.100.20."),
            ),
            (
                day(2, 8, 50),
                Note(ROBIN, "Firewall change is requested for tonight's window."),
            ),
        ],
    },
    Ticket {
        by: TOMASZ,
        at: day(1, 14, 55),
        subject: "Scanners lose the Wi-Fi in aisles 7 to 12",
        description: "Since this afternoon all handheld scanners lose the connection between \
            aisle 7 and aisle 12. The terminal in aisle 7 is dead, too. We book on paper, but \
            tomorrow at 11 two lorries are due.",
        priority: Urgent,
        then: &[
            (day(1, 15, 0), Triage(Urgent)),
            (day(1, 15, 0), Assign(ROBIN)),
            (
                day(1, 15, 20),
                Reply(
                    ROBIN,
                    "The switch that feeds these aisles is off. I am going there now; please have \
                     somebody open the cabinet next to gate 2.",
                ),
            ),
            (
                day(1, 17, 10),
                Note(
                    ROBIN,
                    "Power supply of sw-hall-b2 burnt out. Running on a borrowed one; spare \
                     ordered. Not to be closed before it is built in.",
                ),
            ),
            (
                day(1, 17, 25),
                Reply(
                    ROBIN,
                    "The aisles have Wi-Fi again, by a makeshift. The proper spare part comes by \
                     courier.",
                ),
            ),
            (
                minutes_ago(168),
                Answer("Scanners work again, the terminal in aisle 7 is still dark though."),
            ),
        ],
    },
    Ticket {
        by: FRONT_DESK,
        at: minutes_ago(212),
        subject: "A second monitor for the reception",
        description: "We now keep the visitors' list and the phone panel open side by side. A \
            second monitor would help. There is no hurry.",
        priority: Low,
        then: &[],
    },
    Ticket {
        by: LENA,
        at: minutes_ago(95),
        subject: "Label printer in the dispatch hall prints blank labels",
        description: "The label printer next to gate 1 feeds the paper but prints nothing. I have \
            changed the ribbon, switched it off and on, and tried it from two computers. The \
            printer in the Müllerstraße office works.",
        priority: High,
        then: &[],
    },
];

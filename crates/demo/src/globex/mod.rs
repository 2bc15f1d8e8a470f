//! Globex: a research laboratory in New York.

mod devices;
mod finished_tickets;
mod loans;
mod ongoing_tickets;
mod people;

use chrono_tz::Tz;

use crate::clock::day;
use crate::script::{Branding, Organization};

/// The technicians who look after Globex.
const CASEY: &str = "Casey Nguyen";
const BEA: &str = "Bea Thornton";

pub(crate) static STORY: Organization = Organization {
    name: "Globex",
    slug: "globex",
    zone: Tz::America__New_York,
    since: day(66, 11, 30),
    branding: Branding {
        primary_color: "#5b2a86",
        secondary_color: "#2e1a47",
        accent_color: "#00705a",
        custom_domain: "help.globex.example",
        welcome_message: "Globex Help Desk\n\n\
            Tell us what you need, and we will take it from there. Equipment for conferences and \
            field work can be reserved under Equipment.",
        support_email: "helpdesk@globex.example",
        support_phone: "+1 212 555 0142",
        footer_text: "Globex Research, 5th floor, room 5.17. Monday to Friday, 9 a.m. to 6 p.m. \
            Eastern Time.",
    },
    people: people::ALL,
    devices: devices::ALL,
    tickets: &[finished_tickets::ALL, ongoing_tickets::ALL],
    loans: loans::ALL,
};

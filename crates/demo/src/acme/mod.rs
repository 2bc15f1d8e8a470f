//! Acme: makers of precision tools, with a warehouse, in Berlin.

mod devices;
mod finished_tickets;
mod loans;
mod ongoing_tickets;
mod people;

use chrono_tz::Tz;

use crate::clock::day;
use crate::script::{Branding, Organization};

/// The technicians who look after Acme.
const ROBIN: &str = "Robin Albrecht";
const YARA: &str = "Yara Haddad";

pub(crate) static STORY: Organization = Organization {
    name: "Acme",
    slug: "acme",
    zone: Tz::Europe__Berlin,
    since: day(70, 10, 0),
    branding: Branding {
        primary_color: "#0b4f6c",
        secondary_color: "#01364a",
        accent_color: "#b8430c",
        custom_domain: "support.acme.example",
        welcome_message: "Welcome to Acme's IT support.\n\n\
            Report a problem, follow what becomes of it, or borrow a laptop for your next trip. \
            For anything that stops production, please also call us.",
        support_email: "it-support@acme.example",
        support_phone: "+49 30 23125 100",
        footer_text: "Acme Werkzeuge GmbH, IT support. Weekdays from 7:30 to 17:30; \
            the phone is answered around the clock.",
    },
    people: people::ALL,
    devices: devices::ALL,
    tickets: &[finished_tickets::ALL, ongoing_tickets::ALL],
    loans: loans::ALL,
};

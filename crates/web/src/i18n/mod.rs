//! Translations of the pages.

mod negotiation;

pub(crate) use negotiation::negotiate;
pub(crate) use portal_i18n::{
    FluentValue, Formats, Locale, Message, Texts, client_name, device_status, machine_time,
    ticket_priority, ticket_status,
};

portal_i18n::texts!(pub(crate) fn texts from [
    "common",
    "forms",
    "errors",
    "auth",
    "home",
    "profile",
    "devices",
    "equipment",
    "tickets",
]);

//! Translation keys of the domain's enums.

use portal_domain::clients::{ClientName, Program, System};
use portal_domain::devices::DeviceStatus;
use portal_domain::tickets::{TicketPriority, TicketStatus};

use crate::{Message, Texts};

/// The name of a client in a language. Most programs and systems are called the same everywhere.
pub fn client_name(texts: &Texts, client: ClientName) -> String {
    let program = match client.program {
        Program::Api => texts.t("client-api").into_owned(),
        Program::OtherBrowser => texts.t("client-browser").into_owned(),
        named => named.to_string(),
    };
    match client.system {
        System::Unknown => program,
        system => {
            let message = Message::new("client-on")
                .with("program", program)
                .with("system", system.as_str());
            texts.say(&message)
        }
    }
}

/// The key of a ticket's status.
pub const fn ticket_status(status: TicketStatus) -> &'static str {
    match status {
        TicketStatus::New => "ticket-status-new",
        TicketStatus::Open => "ticket-status-open",
        TicketStatus::Pending => "ticket-status-pending",
        TicketStatus::OnHold => "ticket-status-on_hold",
        TicketStatus::Resolved => "ticket-status-resolved",
        TicketStatus::Closed => "ticket-status-closed",
    }
}

/// The key of a ticket's priority.
pub const fn ticket_priority(priority: TicketPriority) -> &'static str {
    match priority {
        TicketPriority::Low => "ticket-priority-low",
        TicketPriority::Normal => "ticket-priority-normal",
        TicketPriority::High => "ticket-priority-high",
        TicketPriority::Urgent => "ticket-priority-urgent",
    }
}

/// The key of a device's status.
pub const fn device_status(status: DeviceStatus) -> &'static str {
    match status {
        DeviceStatus::Online => "device-status-online",
        DeviceStatus::Offline => "device-status-offline",
        DeviceStatus::Maintenance => "device-status-maintenance",
        DeviceStatus::Decommissioned => "device-status-decommissioned",
        DeviceStatus::Quarantined => "device-status-quarantined",
        DeviceStatus::Updating => "device-status-updating",
        DeviceStatus::Pending => "device-status-pending",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Locale;

    #[test]
    fn a_client_has_a_name_in_every_language() {
        let name =
            |locale, header| client_name(&Texts::read(locale, &[]), ClientName::of(Some(header)));
        let firefox = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0";
        assert_eq!(name(Locale::English, firefox), "Firefox on Windows");
        assert_eq!(name(Locale::German, firefox), "Firefox unter Windows");
        assert_eq!(name(Locale::English, "curl/8.7.1"), "API client");
        assert_eq!(name(Locale::German, "curl/8.7.1"), "API-Client");
    }

    #[test]
    fn every_status_and_priority_has_a_distinct_name_in_every_language() {
        for locale in Locale::ALL {
            let texts = Texts::read(*locale, &[]);
            let statuses = TicketStatus::ALL.iter().copied().map(ticket_status);
            let priorities = TicketPriority::ALL.iter().copied().map(ticket_priority);
            let devices = DeviceStatus::ALL.iter().copied().map(device_status);
            for keys in [
                statuses.collect::<Vec<_>>(),
                priorities.collect(),
                devices.collect(),
            ] {
                let mut names: Vec<_> = keys.iter().map(|key| texts.t(key)).collect();
                for (key, name) in keys.iter().zip(&names) {
                    assert_ne!(key, name, "{locale}");
                }
                names.sort();
                names.dedup();
                assert_eq!(names.len(), keys.len(), "{locale}: {names:?}");
            }
        }
    }
}

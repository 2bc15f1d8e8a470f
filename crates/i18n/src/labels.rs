//! Translation keys of the domain's enums.

use portal_domain::devices::DeviceStatus;
use portal_domain::tickets::{TicketPriority, TicketStatus};

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
    use crate::{Locale, Texts};

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

//! The keys of what the domain's states are called.

use portal_domain::devices::DeviceStatus;
use portal_domain::tickets::{TicketPriority, TicketStatus};

/// What a ticket's status is called.
pub(crate) const fn ticket_status(status: TicketStatus) -> &'static str {
    match status {
        TicketStatus::New => "ticket-status-new",
        TicketStatus::Open => "ticket-status-open",
        TicketStatus::Pending => "ticket-status-pending",
        TicketStatus::OnHold => "ticket-status-on_hold",
        TicketStatus::Resolved => "ticket-status-resolved",
        TicketStatus::Closed => "ticket-status-closed",
    }
}

/// What a ticket's priority is called.
pub(crate) const fn ticket_priority(priority: TicketPriority) -> &'static str {
    match priority {
        TicketPriority::Low => "ticket-priority-low",
        TicketPriority::Normal => "ticket-priority-normal",
        TicketPriority::High => "ticket-priority-high",
        TicketPriority::Urgent => "ticket-priority-urgent",
    }
}

/// What a device's status is called.
pub(crate) const fn device_status(status: DeviceStatus) -> &'static str {
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

//! The JSON bodies that the API and the operator's command line have in common.
//!
//! Each is made from an entity of `portal-domain`, and has its schema in the OpenAPI document. The
//! API wraps them in an envelope (`{"ticket": …}`); `portal-admin --json` prints them bare, with
//! the operator's own keys beside those of the API.
//!
//! Conversions destructure their entity in full, so that a new column does not compile until somebody
//! has decided whether to show it.

mod branding;
mod colleagues;
mod devices;
mod enums;
mod files;
mod list;
mod loans;
mod organizations;
mod tickets;
mod timestamp;
mod users;

pub use branding::Branding;
pub use colleagues::Colleague;
pub use devices::Device;
pub use enums::{
    AuthorType, DeviceStatus, Locale, OsType, TicketPriority, TicketStatus, UserRole, UserStatus,
};
pub use files::Attachment;
pub use list::{List, Pagination};
pub use loans::Loan;
pub use organizations::Organization;
pub use tickets::{
    Comment, Person, Ticket, TicketDetails, TicketDevice, TicketSummary, fields_of_ticket,
};
pub use timestamp::Timestamp;
pub use users::User;

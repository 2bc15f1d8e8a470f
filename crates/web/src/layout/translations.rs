//! Translations for templates.

#![expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "called from templates, which pass references"
)]

use std::borrow::Cow;

use portal_domain::devices::DeviceStatus;
use portal_domain::tickets::{TicketPriority, TicketStatus};

use super::Frame;
use crate::i18n::{self, Formats, Message};

impl Frame {
    /// The label of a form's field.
    pub(crate) fn label(&self, field: &str) -> Cow<'_, str> {
        Cow::Owned(self.t(&format!("field-{field}")).into_owned())
    }

    /// The label of a submitted field, if a person fills it in.
    pub(crate) fn submitted_label(&self, field: &str) -> Option<String> {
        let key = format!("field-{field}");
        self.has(&key).then(|| self.t(&key).into_owned())
    }

    /// The size of a file.
    pub(crate) fn file_size(&self, bytes: &u64) -> String {
        if *bytes < 1_000_000 {
            self.t1("file-size-kb", "size", bytes.div_ceil(1000))
        } else {
            self.t1("file-size-mb", "size", bytes.div_ceil(1_000_000))
        }
    }

    pub(crate) fn ticket_status(&self, status: &TicketStatus) -> Cow<'_, str> {
        self.t(i18n::ticket_status(*status))
    }

    pub(crate) fn ticket_priority(&self, priority: &TicketPriority) -> Cow<'_, str> {
        self.t(i18n::ticket_priority(*priority))
    }

    pub(crate) fn device_status(&self, status: &DeviceStatus) -> Cow<'_, str> {
        self.t(i18n::device_status(*status))
    }

    pub(crate) fn number<N: Copy + TryInto<i64>>(&self, number: &N) -> String {
        Formats::number(self.locale(), (*number).try_into().unwrap_or(i64::MAX))
    }

    pub(crate) fn page_of(&self, page: &u32, pages: &u32) -> String {
        let message = Message::new("pager-position");
        self.say(&message.with("page", *page).with("pages", *pages))
    }
}

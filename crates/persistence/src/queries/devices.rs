//! Queries on `devices`.

use std::cmp::Reverse;

use async_trait::async_trait;
use diesel::dsl::{case_when, not};
use diesel::{
    BoolExpressionMethods as _, EscapeExpressionMethods as _, ExpressionMethods as _,
    NullableExpressionMethods as _, QueryDsl as _, TextExpressionMethods as _,
};
use portal_domain::devices::{
    Device, DeviceFilter, DeviceReader, DeviceWriter, Hostname, search_text,
};
use portal_domain::ids::DeviceId;
use portal_domain::pagination::{Page, PageRequest};
use portal_domain::store::StorageError;
use portal_domain::text::earlier_name_keys;
use portal_domain::values::SearchWords;

use super::{End, Window, containing, slice_of, window_of};
use crate::conn::{
    Columns as _, RunQuery as _, load_number_on_backend, load_on_backend, search_on_backend,
};
use crate::errors::written;
use crate::handles::Tenant;
use crate::rows::devices::{DeviceRow, WrittenDeviceRow, hostname_key};
use crate::rows::entities;
use crate::schema::devices;
use crate::sql_types::DbId;

/// What a search yields of a device: its id, and if it has no text to search in, its names, which
/// are still to be compared.
type Candidate = (DbId, Option<String>, Option<String>);

/// The id of a device that has the words in its names.
fn found((id, hostname, display_name): Candidate, words: &SearchWords) -> Option<DbId> {
    let has_words = hostname
        .is_none_or(|hostname| words.occur_in(&search_text(&hostname, display_name.as_deref())));
    has_words.then_some(id)
}

/// The devices of an organization that a list may show, as a boxed query.
macro_rules! listed {
    ($org:expr, $filter:expr) => {{
        let query = devices::table.filter(devices::org_id.eq($org)).into_boxed();
        if $filter.include_ephemeral {
            query
        } else {
            query.filter(not(devices::is_ephemeral))
        }
    }};
}

/// A boxed query of devices in the order of their [positions](Device::position), from one end.
macro_rules! ordered {
    ($query:expr, $end:expr) => {{
        let query = $query;
        let (seen, id) = (devices::last_seen_at, devices::id);
        match $end {
            End::First => query.order((seen.is_null(), seen.desc(), id.desc())),
            End::Last => query.order((seen.is_null().desc(), seen.asc(), id.asc())),
        }
    }};
}
pub(super) use ordered;

#[async_trait]
impl DeviceReader for Tenant {
    async fn devices(
        &self,
        filter: DeviceFilter<'_>,
        request: PageRequest,
    ) -> Result<Page<Device>, StorageError> {
        let words = filter.words.filter(|words| !words.words().is_empty());
        let mut page = if let Some(words) = words {
            // Once, for the page and the total.
            let candidates: Vec<Candidate> =
                search_on_backend!(self.conn(), listed!(self.org(), filter), |mut query| {
                    for word in words.words() {
                        let contains = devices::search_text
                            .like(containing(word.key()))
                            .escape('\\');
                        query = query.filter(devices::search_text.is_null().or(contains));
                    }
                    ordered!(query, End::First).select((
                        devices::id,
                        case_when(devices::search_text.is_null(), devices::hostname.nullable()),
                        case_when(devices::search_text.is_null(), devices::display_name),
                    ))
                })?;
            let found = candidates.into_iter().filter_map(|one| found(one, words));
            let found: Vec<DbId> = found.collect();
            let shown = slice_of(&found, request);
            let items = devices::table
                .filter(devices::org_id.eq(self.org()))
                .filter(devices::id.eq_any(shown))
                .select(DeviceRow::columns())
                .entities::<DeviceRow, _>(self.conn())
                .await?;
            let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
            Page { items, total }
        } else {
            let items = |window: Window| async move {
                let rows: Vec<DeviceRow> = load_on_backend!(
                    self.conn(),
                    ordered!(listed!(self.org(), filter), window.end)
                        .limit(window.limit)
                        .offset(window.offset)
                        .select(DeviceRow::columns())
                )?;
                entities(rows)
            };
            let total =
                async { load_number_on_backend!(self.conn(), listed!(self.org(), filter).count()) };
            window_of(request, total, items).await?
        };
        page.items
            .sort_by_key(|device: &Device| Reverse(device.position()));
        Ok(page)
    }

    async fn device(&self, id: DeviceId) -> Result<Option<Device>, StorageError> {
        devices::table
            .filter(devices::org_id.eq(self.org()))
            .filter(devices::id.eq(DbId::of(id)))
            .select(DeviceRow::columns())
            .entity::<DeviceRow, _>(self.conn())
            .await
    }

    async fn device_by_hostname(
        &self,
        hostname: &Hostname,
    ) -> Result<Option<Device>, StorageError> {
        let key = hostname_key(hostname);
        let earlier = earlier_name_keys(hostname.as_str());
        let keys: Vec<&str> = earlier.iter().chain([&key]).map(String::as_str).collect();
        devices::table
            .filter(devices::org_id.eq(self.org()))
            .filter(devices::hostname_key.eq_any(keys))
            .order(devices::hostname_key.eq(&key).desc())
            .limit(1)
            .select(DeviceRow::columns())
            .entity::<DeviceRow, _>(self.conn())
            .await
    }
}

#[async_trait]
impl DeviceWriter for Tenant {
    async fn add_device(&self, device: &Device) -> Result<bool, StorageError> {
        self.check_owner("devices", device.organization_id)?;
        diesel::insert_into(devices::table)
            .values(WrittenDeviceRow::from(device))
            .on_conflict((devices::org_id, devices::hostname_key))
            .do_nothing()
            .execute(self.conn())
            .await
    }

    async fn update_device(&self, device: &Device) -> Result<(), StorageError> {
        self.check_owner("devices", device.organization_id)?;
        let own = devices::table
            .filter(devices::org_id.eq(self.org()))
            .filter(devices::id.eq(DbId::of(device.id)));
        let updated = diesel::update(own)
            .set(WrittenDeviceRow::from(device))
            .execute(self.conn())
            .await?;
        written("devices", updated)
    }
}

//! The pages in a real browser: Chromium, with and without script, large and small.
//!
//! Each test has a portal of its own over the demo's data, whose two organizations have different
//! brands and domains, behind a listener of its own; the browser is told that their domains are
//! there. What the pages looked like is left in `target/screenshots/`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up has to fail"
)]

mod accounts;
mod axe;
mod branding;
mod browser;
mod devices;
mod equipment;
mod pages;
mod portal;
mod profile;
mod script;
mod sign_in;
mod tickets;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::Pin;

use browser::{Browser, Device};
use futures_util::FutureExt as _;
use portal::{ACME, GLOBEX, Organization, Portal};

/// What people do in a browser, at one organization's portal.
type Story = for<'a> fn(&'a Portal, &'a Browser, &'a Organization) -> Telling<'a>;

/// A story being told.
type Telling<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Tells a story for both organizations, with and without script, and on a phone.
async fn tell(story: Story) {
    for (organization, device) in [
        (&ACME, Device::Desktop),
        (&ACME, Device::WithoutScript),
        (&GLOBEX, Device::Desktop),
        (&GLOBEX, Device::WithoutScript),
        (&GLOBEX, Device::Phone),
    ] {
        at(Some(organization), device, async |portal, browser| {
            story(portal, browser, organization).await;
        })
        .await;
    }
}

/// Does something in a browser at an organization's domain, or at the portal's own address, and
/// makes sure that nothing went wrong behind the pages. The browser ends, however that does.
async fn at(
    organization: Option<&Organization>,
    device: Device,
    what: impl AsyncFnOnce(&Portal, &Browser),
) {
    let portal = Portal::start().await;
    let browser = Browser::open(&portal, organization, device).await;
    let done = AssertUnwindSafe(async {
        what(&portal, &browser).await;
        browser.assert_calm().await;
    });
    let done = done.catch_unwind().await;
    let pictured = if done.is_err() {
        let slug = organization.map_or("neutral", |organization| organization.slug);
        let test = std::thread::current()
            .name()
            .unwrap_or_default()
            .replace("::", "-");
        let name = format!("failed-{test}-{slug}-{device:?}");
        browser.try_capture(&name).await
    } else {
        Ok(())
    };
    let closed = browser.close().await;
    portal.stop().await;
    if let Err(panic) = done {
        resume_unwind(panic);
    }
    pictured.and(closed).unwrap();
}

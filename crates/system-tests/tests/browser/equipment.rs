//! Equipment, as the brief tells it: Equipment, a device, check out, the optional fields, confirm;
//! and the same way back.

use chrono::Days;
use portal_domain::devices::{self, DeviceRecord, DeviceStatus, OsType};
use portal_domain::environment::Environment as _;

use crate::browser::{Browser, Device};
use crate::portal::{Organization, Portal};
use crate::tell;
use thirtyfour::By;

#[actix_web::test]
async fn a_device_is_borrowed_kept_longer_and_returned() {
    tell(|portal, browser, organization| Box::pin(borrow(portal, browser, organization))).await;
}

async fn borrow(portal: &Portal, browser: &Browser, organization: &Organization) {
    put(portal, organization, "AAA-1", "A projector").await;
    let now = portal.app.env.now().date_naive();
    let (past, soon, later) = (now - Days::new(3), now + Days::new(5), now + Days::new(9));
    browser.sign_in_to(organization).await;
    browser.go_to("Equipment").await;
    browser.see("A projector").await;
    press_in_row(browser, "A projector", "Check out").await;
    browser.see("Check out A projector").await;
    browser.pick_day("return-date", past).await;
    browser.fill("condition", "Like new").await;
    browser.fill("notes", "For the fair\nin Basel").await;
    browser.press("Confirm check-out").await;
    if browser.device == Device::WithoutScript {
        // The browser itself refuses the day, in a bubble that belongs to no page.
        browser.arrive("/equipment/").await;
    } else {
        browser.see("This day is over.").await;
    }
    assert_eq!(browser.value("condition").await, "Like new");
    browser.pick_day("return-date", soon).await;
    browser.press("Confirm check-out").await;
    browser.see("Checked out.").await;
    browser.see("in Basel").await;
    let told = |day: chrono::NaiveDate| day.format("%b %-d, %Y").to_string();
    browser.see(&told(soon)).await;

    browser.go_to("Equipment").await;
    browser.miss(&["A projector"]).await;
    browser.go_to("Home").await;
    browser.press_link("A projector").await;
    browser.pick_day("return-date", later).await;
    browser.press("Change the date").await;
    browser.see("The return date is changed.").await;
    browser.see(&told(later)).await;

    browser.press("Check in").await;
    browser.see("Check in A projector").await;
    browser.fill("condition", "A scratch").await;
    browser.fill("notes", "In the cupboard").await;
    browser.press("Confirm check-in").await;
    browser.see("Thank you").await;
    browser.visit("/equipment/loans").await;
    browser.see("A scratch").await;
    browser.go_to("Equipment").await;
    browser.see("A projector").await;
}

#[actix_web::test]
async fn what_is_overdue_is_marked() {
    tell(|portal, browser, organization| Box::pin(be_late(portal, browser, organization))).await;
}

async fn be_late(_: &Portal, browser: &Browser, organization: &Organization) {
    let late = match organization.slug {
        "acme" => "tomasz.zielinski@acme.example",
        _ => "marcus.chen@globex.example",
    };
    browser.sign_in(late).await;
    browser.see("Overdue").await;
    browser.go_to("Equipment").await;
    browser.see("Overdue").await;
    browser.visit("/equipment/loans").await;
    browser.see("Overdue").await;
}

/// Adds a device that can be borrowed.
async fn put(portal: &Portal, organization: &Organization, hostname: &str, name: &str) {
    let record = DeviceRecord {
        hostname: hostname.parse().unwrap(),
        display_name: name.parse().ok(),
        os_type: OsType::Windows,
        os_version: "11".parse().unwrap(),
        status: DeviceStatus::Online,
        last_seen_at: None,
        is_ephemeral: false,
        is_loanable: true,
    };
    portal
        .operate(organization, async |op| devices::create(op, record).await)
        .await;
}

/// Presses the button beside something in a list.
async fn press_in_row(browser: &Browser, title: &str, label: &str) {
    let path = format!("//li[.//*[normalize-space()='{title}']]//a[normalize-space()='{label}']");
    let link = browser.find(By::XPath(path.as_str())).await;
    link.scroll_into_view().await.unwrap();
    link.click().await.unwrap();
}

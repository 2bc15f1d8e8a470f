//! What the script adds.

use chrono::TimeDelta;
use portal_demo::DEMO_PASSWORD;
use thirtyfour::{By, Key};

use crate::at;
use crate::browser::{Browser, Device};
use crate::portal::{ACME, Portal};

/// Does something as Acme's person, on a large screen with script.
async fn signed_in(what: impl AsyncFnOnce(&Portal, &Browser)) {
    at(Some(&ACME), Device::Desktop, async |portal, browser| {
        browser.sign_in_to(&ACME).await;
        what(portal, browser).await;
    })
    .await;
}

#[actix_web::test]
async fn an_impatient_double_click_makes_one_ticket() {
    signed_in(async |portal, browser| {
        browser.visit("/tickets/new").await;
        browser.fill("subject", "The plotter draws circles").await;
        browser.fill("description", "It should draw squares.").await;
        let button = browser.find(By::Css("main button[type=submit]")).await;
        let twice = browser.driver.action_chain();
        twice.double_click_element(&button).perform().await.unwrap();
        browser.see("We have received your ticket.").await;
        assert_eq!(portal.tickets(&ACME, "plotter").await.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn a_mistake_is_told_at_its_field_before_anything_is_sent() {
    signed_in(async |_, browser| {
        browser.visit("/tickets/new").await;
        browser.press("Submit ticket").await;
        browser.see("Please fill this in.").await;
        let focused = browser.run("return document.activeElement.id").await;
        assert_eq!(focused, "subject");
        browser.key("P").await;
        let error = browser.find(By::Id("subject-error")).await;
        assert!(!error.is_displayed().await.unwrap());
    })
    .await;
}

/// A picture of one pixel, as a screenshot in the clipboard.
const PASTE: &str = "
    const bytes = Uint8Array.from(atob('R0lGODdhAQABAIABAAAAAP///ywAAAAAAQABAAACAkQBADs='), (c) => c.charCodeAt());
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], 'pasted.gif', { type: 'image/gif' }));
    document.getElementById('description').dispatchEvent(
        new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    return 'pasted';
";

#[actix_web::test]
async fn files_are_sent_as_they_are_chosen_and_pasted_and_shown_in_the_conversation() {
    signed_in(async |portal, browser| {
        let of_the_demo = portal.app.files.keys().len();
        browser.visit("/tickets/new").await;
        browser.fill("subject", "The plotter draws circles").await;
        browser.fill("description", "See the pictures.").await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plotter ü.log");
        std::fs::write(&path, "circle").unwrap();
        let field = browser.find(By::Id("files")).await;
        field.send_keys(path.to_str().unwrap()).await.unwrap();
        browser.run(PASTE).await;
        // Without waiting: the form goes when the files have arrived.
        browser.press("Submit ticket").await;
        browser.see("We have received your ticket.").await;
        browser.see("plotter ü.log").await;
        browser.see("pasted.gif").await;
        assert_eq!(portal.app.files.keys().len(), of_the_demo + 2);
        let picture = browser.find(By::Css(".files img")).await;
        picture.scroll_into_view().await.unwrap();
        let loaded = "
            const picture = document.querySelector('.files img');
            return picture.decode().then(() => picture.naturalWidth);
        ";
        assert_eq!(browser.run(loaded).await, 1);

        // What is refused is told at the file, and the others stay.
        for (name, content, reason) in [
            ("setup.exe", "MZ", "This file cannot be accepted"),
            ("nothing.txt", "", "A file is empty."),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            let field = browser.find(By::Id("files")).await;
            field.send_keys(path.to_str().unwrap()).await.unwrap();
            browser.see(reason).await;
        }
    })
    .await;
}

/// Chooses two files, of which the first is refused, and sends the form while they are on their way.
const SEND_AT_ONCE: &str = "
    const chosen = new DataTransfer();
    chosen.items.add(new File(['x'], 'setup.exe'));
    chosen.items.add(new File(['x'.repeat(500000)], 'plotter.log'));
    const field = document.getElementById('files');
    field.files = chosen.files;
    field.dispatchEvent(new Event('change', { bubbles: true }));
    field.form.querySelector('button[type=submit]').click();
    return 'sent';
";

#[actix_web::test]
async fn a_form_is_not_sent_without_a_file_that_failed() {
    signed_in(async |portal, browser| {
        browser.visit("/tickets/new").await;
        browser.fill("subject", "The plotter draws circles").await;
        browser.fill("description", "See the files.").await;
        browser.run(SEND_AT_ONCE).await;
        browser.see("This file cannot be accepted").await;
        browser.find(By::Css("input[name=attachment]")).await;
        let going = "return document.querySelectorAll('[aria-disabled]').length";
        assert_eq!(browser.run(going).await, 0);
        assert_eq!(portal.tickets(&ACME, "plotter").await.len(), 0);
        browser.press("Submit ticket").await;
        browser.see("We have received your ticket.").await;
        browser.see("plotter.log").await;
    })
    .await;
}

#[actix_web::test]
async fn half_a_date_is_not_taken_for_none() {
    signed_in(async |_, browser| {
        browser.visit("/equipment").await;
        browser.press_link("Check out").await;
        let path = browser.path().await;
        let field = browser.find(By::Name("return-date")).await;
        field.send_keys("12").await.unwrap();
        browser.press("Confirm check-out").await;
        browser.see("Please choose a date from the calendar.").await;
        assert_eq!(browser.path().await, path);
    })
    .await;
}

#[actix_web::test]
async fn what_was_typed_outlives_the_session() {
    signed_in(async |portal, browser| {
        browser.visit("/tickets/new").await;
        browser.fill("subject", "The plotter draws circles").await;
        browser.fill("description", "A long story.").await;
        browser.choose("priority", "Urgent").await;
        portal.app.env.advance(TimeDelta::hours(25));
        browser.press("Submit ticket").await;
        browser.see("Your session has ended.").await;
        browser.fill("email", ACME.email).await;
        browser.fill("password", DEMO_PASSWORD).await;
        browser.press("Sign in").await;
        browser.see("The plotter draws circles").await;
        browser.press("Send").await;
        browser.see("A long story.").await;
        browser.visit("/tickets/new").await;
        assert_eq!(browser.value("subject").await, "");

        // Nobody else finds it there.
        browser.fill("subject", "Mine alone").await;
        browser.fill("description", "A secret.").await;
        portal.app.env.advance(TimeDelta::hours(25));
        browser.press("Submit ticket").await;
        browser.see("Your session has ended.").await;
        browser.fill("email", "tomasz.zielinski@acme.example").await;
        browser.fill("password", DEMO_PASSWORD).await;
        browser.press("Sign in").await;
        browser.arrive("/tickets/new").await;
        assert_eq!(browser.value("subject").await, "");
        assert_eq!(browser.value("description").await, "");
    })
    .await;
}

/// Whoever belongs to several organizations is somebody else in each.
#[actix_web::test]
async fn what_was_typed_stays_in_its_organization_and_fills_in_what_was_there() {
    at(None, Device::Desktop, async |portal, browser| {
        let sign_in = async |organization: &str| {
            browser.fill("email", "sam@consulting.example").await;
            browser.fill("password", DEMO_PASSWORD).await;
            browser.press("Sign in").await;
            browser.press(organization).await;
        };
        browser.visit("/profile").await;
        sign_in("Acme").await;
        browser.arrive("/profile").await;
        for (organization, name) in [("Acme", "Sammy"), ("Globex", "Sam Rivera")] {
            browser.fill("name", "Sammy").await;
            portal.app.env.advance(TimeDelta::hours(25));
            browser.press("Save").await;
            browser.see("Your session has ended.").await;
            sign_in(organization).await;
            if organization == "Acme" {
                browser.press("Send").await;
            }
            browser.arrive("/profile").await;
            browser.find(By::Name("name")).await;
            assert_eq!(browser.value("name").await, name);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_password_is_never_kept() {
    signed_in(async |portal, browser| {
        browser.visit("/profile").await;
        browser.fill("name", "Lena V.").await;
        let fields = ["current-password", "new-password"];
        for (field, reveal) in fields.iter().zip(browser.all("[data-reveal]").await) {
            browser.fill(field, "Secret-Birds-47").await;
            reveal.click().await.unwrap();
        }
        portal.app.env.advance(TimeDelta::hours(25));
        browser.press("Change password").await;
        browser.see("Your session has ended.").await;
        let kept = browser.run("return JSON.stringify(sessionStorage)").await;
        assert!(!kept.to_string().contains("Secret"), "{kept}");
    })
    .await;
}

#[actix_web::test]
async fn a_password_can_be_looked_at() {
    at(Some(&ACME), Device::Desktop, async |_, browser| {
        browser.visit("/sign-in").await;
        browser.fill("password", "Winter").await;
        let field = browser.find(By::Name("password")).await;
        let kind = async || field.attr("type").await.unwrap().unwrap();
        assert_eq!(kind().await, "password");
        browser.press("Show").await;
        assert_eq!(kind().await, "text");
        browser.press("Hide").await;
        assert_eq!(kind().await, "password");
    })
    .await;
}

#[actix_web::test]
async fn the_menu_closes_with_the_keyboard_and_gives_the_focus_back() {
    signed_in(async |_, browser| {
        let menu = browser.find(By::Css("header .menu summary")).await;
        menu.click().await.unwrap();
        browser.see("Sign out").await;
        browser.key(Key::Escape).await;
        browser.miss(&["Sign out"]).await;
        let focused = browser.run("return document.activeElement.tagName").await;
        assert_eq!(focused, "SUMMARY");
    })
    .await;
}

#[actix_web::test]
async fn the_way_to_the_content_comes_first() {
    signed_in(async |_, browser| {
        browser.key(Key::Tab).await;
        let link = browser.driver.active_element().await.unwrap();
        assert_eq!(link.text().await.unwrap(), "Skip to content");
        browser.key(Key::Enter).await;
        let focused = browser.run("return document.activeElement.id").await;
        assert_eq!(focused, "main");
    })
    .await;
}

#[actix_web::test]
async fn a_choice_in_a_filter_waits_for_the_button() {
    signed_in(async |_, browser| {
        browser.visit("/tickets").await;
        let status = browser.find(By::Name("status")).await;
        status.focus().await.unwrap();
        browser.key(Key::Down).await;
        browser.key(Key::Down).await;
        assert_eq!(browser.path().await, "/tickets");
        assert_eq!(browser.value("status").await, "new");
    })
    .await;
}

#[actix_web::test]
async fn moments_are_told_from_now_in_lists_and_exactly_in_conversations() {
    signed_in(async |_, browser| {
        browser.visit("/tickets").await;
        let times = browser.all("tbody time").await;
        let mut told = Vec::new();
        for time in &times {
            told.push(time.text().await.unwrap());
        }
        assert!(told.iter().any(|time| time.ends_with(" ago")), "{told:?}");
        let days_old = "return [...document.querySelectorAll('tbody time')].find((time) => \
             Date.now() - Date.parse(time.dateTime) > 2 * 86400000)?.closest('tr').querySelector('a').href";
        let ticket = browser.run(days_old).await;
        let ticket = ticket.as_str().expect("a ticket of some days ago");
        browser.driver.goto(ticket).await.unwrap();
        let exact = browser.find(By::Css(".said time")).await;
        let exact = exact.text().await.unwrap();
        assert!(exact.contains(", 20"), "{exact}");
    })
    .await;
}

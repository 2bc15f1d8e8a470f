//! Every page of both organizations: what axe says, what it weighs, whether it fits, and a picture.

use portal_domain::profiles::{self, NewUser};
use portal_domain::tickets::TicketStatus;
use serde_json::Value;

use crate::at;
use crate::axe::assert_accessible;
use crate::browser::{Browser, Device};
use crate::portal::{ACME, GLOBEX, Organization, Portal};

/// The most that a page may weigh with its stylesheet and script, in bytes, uncompressed.
const MOST: u64 = 60 * 1024;

/// What a page has loaded: how many files of the portal, and all bytes, uncompressed.
const WEIGHT: &str = "
const files = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/static/'));
const [page] = performance.getEntriesByType('navigation');
const bytes = [page, ...files].reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0);
return [files.length, bytes];
";

/// What sticks out of a page, or of what holds it, so that people cannot read it.
const OVERFLOW: &str = "
const page = document.scrollingElement;
const cut = [...document.querySelectorAll('body, body *')].filter((element) => {
  const { overflowX, textOverflow } = getComputedStyle(element);
  return (element === document.body || overflowX === 'hidden') && textOverflow !== 'ellipsis'
    && element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1;
});
const wide = page.scrollWidth > innerWidth ? [page] : [];
return [...wide, ...cut].map((element) => element.outerHTML.slice(0, 120));
";

#[actix_web::test]
async fn acmes_pages_are_accessible_and_fit() {
    look_at_all(&ACME).await;
}

#[actix_web::test]
async fn globexs_pages_are_accessible_and_fit() {
    look_at_all(&GLOBEX).await;
}

/// Whatever people call themselves and their tickets.
#[actix_web::test]
async fn pages_fit_with_names_of_one_endless_word_and_stacks_of_marks() {
    let organization = &ACME;
    at(
        Some(organization),
        Device::Phone,
        async |portal, browser| {
            prepare(portal, organization).await;
            browser.sign_in_to(organization).await;
            let pages = member_pages(portal, browser, organization).await;
            let marked = format!("e{}", "\u{301}".repeat(254));
            for (text, page) in [("W".repeat(255), "endless"), (marked, "marked")] {
                browser.visit("/profile").await;
                browser.fill("name", &text).await;
                browser.press("Save").await;
                browser.see("Your profile is saved.").await;
                browser.visit("/tickets/new").await;
                browser.fill("subject", &text).await;
                browser.fill("description", &text).await;
                browser.press("Submit ticket").await;
                browser.see("We have received your ticket.").await;
                assert_fits(browser, &format!("{page}-ticket")).await;
                browser.fill("content", &text).await;
                browser.press("Send reply").await;
                browser.see("Your reply is sent.").await;
                assert_fits(browser, &format!("{page}-reply")).await;
                for (name, path) in &pages {
                    browser.visit(path).await;
                    assert_fits(browser, &format!("{page}-{name}")).await;
                }
            }
        },
    )
    .await;
}

/// German words are longer.
#[actix_web::test]
async fn in_german_the_pages_fit_as_well() {
    let organization = &ACME;
    at(
        Some(organization),
        Device::Desktop,
        async |portal, browser| {
            prepare(portal, organization).await;
            browser.sign_in_to(organization).await;
            let pages = member_pages(portal, browser, organization).await;
            browser.visit("/profile").await;
            browser.choose("locale", "Deutsch").await;
            browser.press("Save").await;
            browser.see("Ihr Profil ist gespeichert.").await;
            for (name, path) in pages {
                browser.visit(&path).await;
                assert_fits(browser, &format!("german-{name}")).await;
            }
        },
    )
    .await;
}

async fn look_at_all(organization: &Organization) {
    at(
        Some(organization),
        Device::Desktop,
        async |portal, browser| {
            prepare(portal, organization).await;
            for (name, path) in guest_pages(portal, browser, organization).await {
                browser.visit(&path).await;
                look_at(browser, organization, name).await;
            }
            browser.sign_in_to(organization).await;
            for (name, path) in member_pages(portal, browser, organization).await {
                browser.visit(&path).await;
                look_at(browser, organization, name).await;
            }
            look_at_mistakes(browser, organization).await;
            print(portal, browser, organization).await;
        },
    )
    .await;
}

/// A ticket in each of the states whose page differs, with long words in it.
async fn prepare(portal: &Portal, organization: &Organization) {
    portal.submit_many(organization, 25).await;
    for (subject, status) in [
        ("Scanner 20", TicketStatus::Pending),
        ("Scanner 21", TicketStatus::Resolved),
        ("Scanner 22", TicketStatus::Closed),
    ] {
        let content = format!("See {}.", "https://example.com/".repeat(12));
        portal
            .response(organization, subject, &content, status)
            .await;
    }
}

async fn guest_pages(
    portal: &Portal,
    browser: &Browser,
    organization: &Organization,
) -> Vec<(&'static str, String)> {
    portal
        .operate(organization, async |op| {
            let new = NewUser {
                email: "nia.adeyemi@new.example".parse().unwrap(),
                name: "Nia Adeyemi".parse().ok(),
                role: None,
                locale: None,
                password_hash: None,
            };
            profiles::create(op, new, true).await
        })
        .await;
    let invitation = portal.mailed("/accept-invite?token=").await;
    browser.visit("/forgot-password").await;
    browser.fill("email", organization.email).await;
    browser.press("Send the link").await;
    browser.see("If this address has an account").await;
    let reset = portal.mailed("/reset-password?token=").await;
    vec![
        ("sign-in", "/sign-in".to_owned()),
        ("forgot-password", "/forgot-password".to_owned()),
        ("reset-password", reset),
        ("reset-password-dead", "/reset-password?token=x".to_owned()),
        ("accept-invite", invitation),
        ("accept-invite-dead", "/accept-invite?token=x".to_owned()),
        ("guest-not-found", "/nothing-here".to_owned()),
    ]
}

async fn member_pages(
    portal: &Portal,
    browser: &Browser,
    organization: &Organization,
) -> Vec<(&'static str, String)> {
    let mut pages = vec![
        ("home", "/".to_owned()),
        ("tickets", "/tickets".to_owned()),
        (
            "tickets-filtered",
            "/tickets?q=scanner&status=new&sort=-priority".to_owned(),
        ),
        (
            "tickets-none-found",
            "/tickets?q=nothing-like-this".to_owned(),
        ),
        ("tickets-shared", "/tickets?scope=shared".to_owned()),
        ("ticket-new", "/tickets/new".to_owned()),
        ("devices", "/devices".to_owned()),
        (
            "devices-none-found",
            "/devices?q=nothing-like-this".to_owned(),
        ),
        ("equipment", "/equipment".to_owned()),
        ("loans", "/equipment/loans".to_owned()),
        ("profile", "/profile".to_owned()),
        ("not-found", "/nothing-here".to_owned()),
    ];
    for (name, subject) in [
        ("ticket-fresh", "Scanner 23"),
        ("ticket-pending", "Scanner 20"),
        ("ticket-resolved", "Scanner 21"),
        ("ticket-closed", "Scanner 22"),
    ] {
        let id = portal.ticket(organization, subject).await.id;
        pages.push((name, format!("/tickets/{id}")));
    }
    // A reply that can be changed and withdrawn, and a loan.
    let (_, fresh) = pages
        .iter()
        .find(|(name, _)| *name == "ticket-fresh")
        .unwrap();
    browser.visit(fresh).await;
    browser.fill("content", "It hums in B flat.").await;
    browser.press("Send reply").await;
    browser.see("Your reply is sent.").await;
    let first = |css: &'static str| format!("return document.querySelector('{css}')?.pathname");
    for (name, page, link) in [
        ("ticket-reply-edit", None, "a[href$=\"/edit\"]"),
        ("ticket-reply-withdraw", None, "a[href$=\"/withdraw\"]"),
        ("check-out", Some("/equipment"), "a[href$=\"/check-out\"]"),
        ("device", Some("/devices"), "a[href^=\"/devices/\"]"),
        ("loan", Some("/equipment/loans"), ".row-title a"),
        (
            "check-in",
            Some("/equipment/loans"),
            "a[href$=\"/check-in\"]",
        ),
    ] {
        if let Some(page) = page {
            browser.visit(page).await;
        }
        let path = browser.run(&first(link)).await;
        let path = path.as_str().unwrap_or_else(|| panic!("no {name}"));
        pages.push((name, path.to_owned()));
    }
    pages
}

/// Forms with mistakes in them, and a notice.
async fn look_at_mistakes(browser: &Browser, organization: &Organization) {
    browser.visit("/tickets/new").await;
    let long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
    browser.fill("subject", &long.repeat(3)).await;
    browser.fill("description", "\u{200b}").await;
    browser.press("Submit ticket").await;
    browser.see("Please check these fields").await;
    look_at(browser, organization, "ticket-new-mistakes").await;
    browser.fill("description", "Now with words.").await;
    browser.press("Submit ticket").await;
    browser.see("We have received your ticket.").await;
    look_at(browser, organization, "ticket-submitted").await;
    browser.visit("/tickets").await;
    look_at(browser, organization, "tickets-long-subject").await;
    let menu = browser
        .find(thirtyfour::By::Css("header .menu summary"))
        .await;
    menu.click().await.unwrap();
    look_at(browser, organization, "menu").await;
}

/// What a ticket looks like on paper: the conversation without what can be pressed.
async fn print(portal: &Portal, browser: &Browser, organization: &Organization) {
    let id = portal.ticket(organization, "Scanner 20").await.id;
    browser.visit(&format!("/tickets/{id}")).await;
    // As wide as a sheet of A4 between its margins.
    browser.resize(718, 1000).await;
    browser.emulate("print", "light").await;
    browser.see("Scanner 20").await;
    browser.miss(&["Send reply", "Tickets", "Sign out"]).await;
    browser
        .capture(&format!("{}-ticket-printed", organization.slug))
        .await;
    assert_eq!(browser.style(".card", "padding-top").await, "0px");
    assert_eq!(browser.style("body", "padding-bottom").await, "0px");
    browser.emulate("screen", "light").await;
    browser.resize(1280, 900).await;
}

async fn look_at(browser: &Browser, organization: &Organization, name: &str) {
    let page = format!("{}-{name}", organization.slug);
    let weight = browser.run(WEIGHT).await;
    let (files, bytes) = (weight[0].as_u64().unwrap(), weight[1].as_u64().unwrap());
    assert!(files <= 2, "{page} loads {files} files");
    assert!(bytes < MOST, "{page} weighs {bytes} bytes");
    for scheme in ["light", "dark"] {
        browser.emulate("screen", scheme).await;
        assert_accessible(browser, &format!("{page}, {scheme}")).await;
    }
    browser.capture(&format!("{page}-dark")).await;
    browser.emulate("screen", "light").await;
    assert_fits(browser, &page).await;
}

/// Makes sure that nothing is cut off, on screens of all sizes, and that fingers can do on a small
/// one what a mouse can on a large one.
async fn assert_fits(browser: &Browser, page: &str) {
    for (width, size) in [
        (1280, "light"),
        (768, "tablet"),
        (390, "phone"),
        (320, "small"),
    ] {
        browser.resize(width, 844).await;
        let over = browser.run(OVERFLOW).await;
        assert_eq!(over, Value::Array(Vec::new()), "{page} at {width}");
        browser.capture(&format!("{page}-{size}")).await;
    }
    assert_accessible(browser, &format!("{page}, small")).await;
    browser.resize(1280, 900).await;
}

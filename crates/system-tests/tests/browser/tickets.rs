//! Tickets, as the brief tells it: Tickets, New ticket, subject, description and priority, and the
//! number is shown.

use portal_domain::tickets::TicketStatus;

use crate::browser::{Browser, Device};
use crate::portal::{Organization, Portal};
use crate::tell;
use thirtyfour::By;

const SUBJECT: &str = "The plotter draws circles";

#[actix_web::test]
async fn a_ticket_is_submitted_answered_and_closed() {
    tell(|portal, browser, organization| Box::pin(submit(portal, browser, organization))).await;
}

async fn submit(portal: &Portal, browser: &Browser, organization: &Organization) {
    browser.sign_in_to(organization).await;
    browser.go_to("Tickets").await;
    browser.press("New ticket").await;
    browser.fill("subject", SUBJECT).await;
    browser.fill("description", " ").await;
    browser.press("Submit ticket").await;
    browser.see("Please fill this in.").await;
    browser.arrive("/tickets/new").await;
    assert_eq!(browser.value("subject").await, SUBJECT);
    browser
        .fill("description", "It should draw squares.\nSince <today>.")
        .await;
    browser.choose("priority", "High").await;
    browser.press("Submit ticket").await;
    browser.see("We have received your ticket.").await;
    let tickets = portal.tickets(organization, "plotter").await;
    let [ticket] = tickets.as_slice() else {
        panic!("not one ticket: {tickets:?}");
    };
    let number = ticket.number.as_str();
    browser
        .see(&format!(
            "We have received your ticket. Its number is {number}"
        ))
        .await;
    browser.see("Since <today>.").await;

    // The team asks, the customer answers, corrects it, and takes it back.
    portal
        .response(organization, SUBJECT, "Which one?", TicketStatus::Pending)
        .await;
    browser.go_to("Tickets").await;
    browser.see("Waiting for you").await;
    browser.press(SUBJECT).await;
    browser.see("Your IT team needs your answer").await;
    browser.see("Which one?").await;
    browser.fill("content", "The bleu one.").await;
    browser.press("Send reply").await;
    browser.see("Your reply is sent.").await;
    browser.press("Edit").await;
    browser.fill("content", "The blue one.").await;
    browser.press("Save").await;
    browser.see("Your reply is changed.").await;
    browser.see("Edited").await;
    browser.fill("content", "Or was it green?").await;
    browser.press("Send reply").await;
    browser.see("Or was it green?").await;
    // Of the two replies, the later one.
    let withdraw = browser.all(".said:last-child .said-actions a").await;
    withdraw[1].click().await.unwrap();
    browser.see("Withdraw this reply?").await;
    browser.press("Withdraw").await;
    browser.see("Your reply is withdrawn.").await;
    browser.see("The blue one.").await;
    browser.miss(&["Or was it green?", "bleu"]).await;

    // Solved, not quite, and then it is.
    let response = async |content, status| {
        portal
            .response(organization, SUBJECT, content, status)
            .await;
    };
    response("Fixed.", TicketStatus::Resolved).await;
    browser.go_to("Home").await;
    browser.press_link(SUBJECT).await;
    browser.see("Is it solved?").await;
    browser.miss(&["Withdraw"]).await;
    browser.fill("content", "Now it draws triangles.").await;
    browser.press("Reply and reopen").await;
    browser.see("Your reply is sent.").await;
    browser.miss(&["Is it solved?"]).await;
    response("Squares it is.", TicketStatus::Resolved).await;
    browser.driver.refresh().await.unwrap();
    browser.press("Yes, close the ticket").await;
    browser.see("This ticket is closed").await;
    browser.see(number).await;
    let ticket = portal.ticket(organization, SUBJECT).await;
    assert_eq!(ticket.status, TicketStatus::Closed);
}

#[actix_web::test]
async fn tickets_are_found_in_the_list() {
    tell(|portal, browser, organization| Box::pin(search(portal, browser, organization))).await;
}

async fn search(portal: &Portal, browser: &Browser, organization: &Organization) {
    portal.submit_many(organization, 21).await;
    browser.sign_in_to(organization).await;
    browser.go_to("Tickets").await;
    let pages = browser.find(By::Css(".pager")).await;
    assert!(pages.text().await.unwrap().contains("Page 1 of"));
    browser.press("Next").await;
    browser.arrive("/tickets?page=2").await;

    browser.go_to("Tickets").await;
    browser.fill("q", "SCANNER 1").await;
    browser.press("Search").await;
    browser.arrive("/tickets?q=SCANNER+1").await;
    // 1, and 10 to 19
    browser.see("11 tickets found").await;
    refine(browser).await;
    browser.choose("priority", "Urgent").await;
    browser.choose("sort", "Oldest first").await;
    browser.press("Apply").await;
    browser.see("5 tickets found").await;
    let rows = browser.all("tbody tr").await;
    let first = rows[0].text().await.unwrap();
    assert!(first.starts_with("Scanner 10"), "{first}");
    assert_eq!(browser.value("q").await, "SCANNER 1");

    browser.choose("status", "Closed").await;
    browser.press("Apply").await;
    browser.see("No such tickets").await;
    browser.press("Show all tickets").await;
    browser.see("Page 1 of").await;
}

/// Unfolds what narrows the list down, where there is no room for it; elsewhere it is there.
async fn refine(browser: &Browser) {
    let summary = browser.find(By::Css(".filters-more summary")).await;
    if browser.device == Device::Phone {
        summary.click().await.unwrap();
        return;
    }
    assert!(!summary.is_displayed().await.unwrap());
    let is_there = "return document.querySelector('[name=status]').checkVisibility()";
    assert_eq!(browser.run(is_there).await, true);
    // The driver takes what is in a closed `<details>` for hidden, whatever the stylesheet says.
    browser
        .run("document.querySelector('.filters-more').open = true")
        .await;
}

#[actix_web::test]
async fn where_tickets_are_switched_off_they_are_gone() {
    tell(|portal, browser, organization| Box::pin(switch_off(portal, browser, organization))).await;
}

async fn switch_off(portal: &Portal, browser: &Browser, organization: &Organization) {
    browser.sign_in_to(organization).await;
    portal.offer_nothing(organization).await;
    browser.go_to("Tickets").await;
    browser.see("This is not available").await;
    let links = browser.all("nav a").await;
    assert_eq!(links.len(), 1, "only Home is left");
    for path in ["/devices", "/equipment", "/equipment/loans"] {
        browser.visit(path).await;
        browser.see("This is not available").await;
    }
    browser.visit("/nothing-here").await;
    browser.see("We cannot find this page").await;
    browser.press("Go to the home page").await;
    browser
        .see(&format!("Hello, {}", organization.person))
        .await;
    browser.miss(&["Tickets", "Devices", "Equipment"]).await;
}

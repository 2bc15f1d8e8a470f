//! Calls the portal through the generated client.

mod portal;

use anyhow::{Context as _, bail, ensure};
use portal::{
    ApiResponse, CloseTicketRequest, CloseTicketRequestHeader, CloseTicketRequestPath,
    CreateTicketRequest, CreateTicketRequestParams, CreateTicketRequestParamsHeader, Error,
    ErrorCode, ListTicketsRequest, ListTicketsRequestQuery, LoginRequest, LoginRequestParams,
    Portal, TicketPriority, TicketSort, TicketStatus,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().context("URL, address and password");
    let portal = Portal::with_base_url(argument()?)?;
    let (email, password) = (argument()?, argument()?);

    let body = LoginRequest {
        email,
        password,
        org_id: None,
        device_token: None,
    };
    let signed_in = ok(portal.login(LoginRequestParams { body }).await?)?;
    let portal = portal.with_bearer(signed_in.access_token);

    let body = CreateTicketRequest {
        subject: "Printer".to_owned(),
        description: "It is on fire.\nAgain.".to_owned(),
        priority: Some(TicketPriority::Urgent),
        ..CreateTicketRequest::default()
    };
    let header = CreateTicketRequestParamsHeader {
        idempotency_key: Some("\"ticket-1\"".to_owned()),
    };
    let request = CreateTicketRequestParams { header, body };
    let created = portal.create_ticket(request.clone());
    let created = ok(created.await?)?.ticket;
    ensure!(created.status == TicketStatus::New);
    let repeated = ok(portal.create_ticket(request).await?)?.ticket;
    ensure!(repeated.id == created.id);

    let query = ListTicketsRequestQuery {
        status: Some(vec![TicketStatus::New, TicketStatus::Open]),
        priority: Some(vec![TicketPriority::High, TicketPriority::Urgent]),
        sort: Some(TicketSort::NegativePriority),
        ..ListTicketsRequestQuery::default()
    };
    let listed = ok(portal.list_tickets(ListTicketsRequest { query }).await?)?;
    let [ticket] = listed.data.as_slice() else {
        bail!("one ticket was to be found");
    };
    ensure!(ticket.id == created.id && ticket.created_at == created.created_at);

    // What the server would refuse is refused before it is sent.
    let blank = CreateTicketRequest {
        subject: "\u{200b} ".to_owned(),
        ..CreateTicketRequest::default()
    };
    let header = CreateTicketRequestParamsHeader::default();
    let refused = portal.create_ticket(CreateTicketRequestParams { header, body: blank });
    ensure!(refused.await.is_err());

    let path = CloseTicketRequestPath { id: ticket.id };
    let closed = portal.close_ticket(CloseTicketRequest {
        path,
        header: CloseTicketRequestHeader::default(),
        body: None,
    });
    match closed.await? {
        ApiResponse::Conflict(Error {
            code: Some(ErrorCode::TicketNotResolved),
            error,
            ..
        }) => {
            println!("{}: {error}", ticket.subject);
            Ok(())
        }
        other => bail!("a ticket that is not resolved was closed: {other:?}"),
    }
}

/// The body of a success.
fn ok<T: std::fmt::Debug>(response: ApiResponse<T, Error>) -> anyhow::Result<T> {
    match response {
        ApiResponse::Ok(body) | ApiResponse::Created(body) => Ok(body),
        other => bail!("{other:?}"),
    }
}

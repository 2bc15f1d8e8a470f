//! The lines of the table: which requests, and what they are held against.

use anyhow::Context as _;
use hyper::header::SET_COOKIE;
use serde_json::json;

use Standard::{CompressedFrom, Login, PageOf, Read, Write};

use crate::bare;
use crate::client::{Call, Connection};
use crate::load::Lanes;
use crate::script::Bytes;
use crate::seed::{PASSWORD, Seeded, User};

/// The API's prefix.
pub const API: &str = "/api/v1/portal";

/// What a case is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// The rate of a bare handler that reads the same.
    Read,
    /// The rate of a bare handler that writes the same.
    Write,
    /// The rate of Argon2id alone, on all cores.
    Login,
    /// As [`Read`](Self::Read); also, its CPU time is compared with that of another case.
    PageOf(&'static str),
    /// As [`PageOf`](Self::PageOf): the same page, not compressed.
    CompressedFrom(&'static str),
}

/// A line of the table.
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// What it is measured against.
    pub standard: Standard,
    /// What each connection sends.
    pub lanes: Lanes,
    /// For each lane what it has in place of the first one's values.
    pub values: Vec<Vec<Bytes>>,
}

impl Case {
    fn same(name: &'static str, standard: Standard, call: Call) -> Self {
        Self {
            name,
            standard,
            lanes: Lanes::same(vec![call]),
            values: Vec::new(),
        }
    }

    /// The first lane's requests.
    pub fn first_lane(&self) -> &[Call] {
        self.lanes.all().first().map_or(&[], Vec::as_slice)
    }

    /// The same requests for a bare server, where this is the case with this number.
    pub fn for_bare(&self, number: usize) -> Lanes {
        let lanes = self.lanes.all().iter().enumerate();
        let lanes = lanes.map(|(lane, calls)| {
            let calls = calls.iter().enumerate();
            calls
                .map(|(request, call)| call.moved_to(bare::path(number, request, lane)))
                .collect()
        });
        Lanes::own(lanes.collect())
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    token: String,
    cookies: String,
}

impl Session {
    /// Signs in at a portal.
    pub async fn open(port: u16, user: &User) -> anyhow::Result<Self> {
        let call = login(&user.email);
        let answer = Connection::open(port).await?.expect(&call).await?;
        let body = answer.json()?;
        let token = body.pointer("/accessToken").and_then(|it| it.as_str());
        let cookies = answer.headers.get_all(SET_COOKIE).iter();
        let cookies: Vec<&str> = cookies
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
            .collect();
        Ok(Self {
            token: token.context("a login without a token")?.to_owned(),
            cookies: cookies.join("; "),
        })
    }

    /// A request of the API, below its prefix.
    pub fn api(&self, path: &str) -> anyhow::Result<Call> {
        self.bearer(Call::get(format!("{API}{path}")))
    }

    /// A page.
    pub fn page(&self, path: &str) -> anyhow::Result<Call> {
        let call = Call::get(path).header("cookie", &self.cookies)?;
        call.header("accept", "text/html")
    }

    /// A request of the API with a body.
    pub fn post(&self, path: &str, body: &serde_json::Value, status: u16) -> anyhow::Result<Call> {
        self.bearer(Call::post(format!("{API}{path}"), body, status))
    }

    /// A change by the API.
    pub fn patch(&self, path: &str, body: &serde_json::Value) -> anyhow::Result<Call> {
        self.bearer(Call::patch(format!("{API}{path}"), body))
    }

    /// A short file to attach.
    pub fn upload(&self, name: &str) -> anyhow::Result<Call> {
        let call = Call::upload(format!("{API}/uploads"), b"The printer shows 0x80070035.\n");
        let call = call.header(
            "content-disposition",
            &format!("attachment; filename=\"{name}\""),
        )?;
        self.bearer(call)
    }

    fn bearer(&self, call: Call) -> anyhow::Result<Call> {
        call.header("authorization", &format!("Bearer {}", self.token))
    }
}

fn login(email: &str) -> Call {
    let body = json!({ "email": email, "password": PASSWORD });
    Call::post(format!("{API}/auth/login"), &body, 200)
}

/// A ticket to submit.
pub fn new_ticket() -> serde_json::Value {
    json!({
        "subject": "The printer on the second floor does not print",
        "description": "It began on Monday after the update and happens several times a day.",
        "priority": "high",
    })
}

/// All lines, for a portal. `connections` are as many as will send requests at the same time.
pub async fn all(port: u16, seeded: &Seeded, connections: u32) -> anyhow::Result<Vec<Case>> {
    let session = Session::open(port, &seeded.ordinary).await?;
    let mut connection = Connection::open(port).await?;
    let tickets = session.api("/tickets?limit=50")?;
    let tag = connection.expect(&tickets).await?;
    let tag = tag.header("etag").context("a list without a tag")?;
    let known = tickets.clone().header("if-none-match", tag)?.expecting(304);
    let ticket = seeded.ordinary.ticket.context("a ticket")?;
    // Somebody else, so that what is read stays the same.
    let writer = Session::open(port, &seeded.talker).await?;
    let submit = writer.post("/tickets", &new_ticket(), 201)?;
    let own = connection.expect(&submit).await?.json()?;
    let own = own.pointer("/ticket/id").and_then(|id| id.as_str());
    let own = own.context("a ticket without an id")?.to_owned();
    let comment = json!({ "content": "It has happened again, twice this morning." });
    let compressed = session
        .page("/tickets")?
        .header("accept-encoding", "gzip")?;
    let (loans, devices) = loans(&writer, seeded, connections)?;
    Ok(vec![
        Case::same("healthz", Read, Call::get("/healthz")),
        Case::same(
            "branding",
            Read,
            Call::get(format!("{API}/branding/{}", seeded.domain)),
        ),
        Case::same("profile", Read, session.api("/profile")?),
        Case::same("tickets, 50 rows", Read, tickets),
        Case::same("the same, 304", Read, known),
        // As many as the page shows.
        Case::same("tickets, 20 rows", Read, session.api("/tickets?limit=20")?),
        Case::same("ticket", Read, session.api(&format!("/tickets/{ticket}"))?),
        Case::same("devices, 50 rows", Read, session.api("/devices?limit=50")?),
        Case::same("assets", Read, session.api("/assets?limit=50")?),
        Case::same("page `/`", Read, session.page("/")?),
        Case::same(
            "page `/tickets`",
            PageOf("tickets, 20 rows"),
            session.page("/tickets")?,
        ),
        Case::same(
            "page `/tickets`, gzip",
            CompressedFrom("page `/tickets`"),
            compressed,
        ),
        Case::same("POST /tickets", Write, submit),
        Case::same(
            "comment on one ticket",
            Write,
            writer.post(&format!("/tickets/{own}/comments"), &comment, 201)?,
        ),
        Case {
            name: "checkout + check-in",
            standard: Write,
            lanes: loans,
            values: devices,
        },
        Case {
            name: "login",
            standard: Login,
            lanes: logins(seeded)?,
            values: Vec::new(),
        },
    ])
}

/// For each connection a device of its own, which is borrowed and returned.
fn loans(
    session: &Session,
    seeded: &Seeded,
    connections: u32,
) -> anyhow::Result<(Lanes, Vec<Vec<Bytes>>)> {
    let (mut lanes, mut values) = (Vec::new(), Vec::new());
    for device in seeded.devices.iter().take(connections.try_into()?) {
        let path = format!("/assets/{device}");
        lanes.push(vec![
            session.post(&format!("{path}/checkout"), &json!({}), 201)?,
            session.post(
                &format!("{path}/checkin"),
                &json!({ "condition": "Like new" }),
                200,
            )?,
        ]);
        // In the form of each database.
        values.push(vec![
            Bytes::from(device.as_bytes()),
            Bytes::from(&device.to_string()),
        ]);
    }
    Ok((Lanes::own(lanes), values))
}

/// For each connection a user and an address of their own, so that no limit is reached.
pub fn logins(seeded: &Seeded) -> anyhow::Result<Lanes> {
    let users = seeded.signing_in.iter().enumerate();
    let lanes: anyhow::Result<Vec<_>> = users
        .map(|(number, user)| {
            let address = format!("203.0.113.{}", number + 1);
            Ok(vec![
                login(&user.email).header("x-forwarded-for", &address)?,
            ])
        })
        .collect();
    Ok(Lanes::own(lanes?))
}

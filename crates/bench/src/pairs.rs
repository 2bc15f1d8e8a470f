//! What something costs next to the same without it: the portal takes turns with itself.

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::cases::{API, Session, new_ticket};
use crate::client::{Call, Connection};
use crate::load::Lanes;
use crate::seed::{Seeded, User};

/// Tickets of each user of a pair, more than a page of them.
const TICKETS: usize = 60;

/// Comments on the ticket that is shown.
const COMMENTS: usize = 8;

/// How much of the CPU of the same without files a request may use.
const WITH_FILES: f64 = 1.1;

/// Two requests.
pub struct Pair {
    /// What is measured.
    pub name: &'static str,
    /// What it is compared with.
    pub base: &'static str,
    /// Both, in this order.
    pub lanes: [Lanes; 2],
    /// How much of the base's CPU it may use.
    pub most: f64,
}

impl Pair {
    fn new(name: &'static str, base: &'static str, calls: [Call; 2], most: f64) -> Self {
        Self {
            name,
            base,
            lanes: calls.map(|call| Lanes::same(vec![call])),
            most,
        }
    }
}

/// All pairs, for a portal whose users for signing in have no tickets yet.
pub async fn all(port: u16, seeded: &Seeded) -> anyhow::Result<Vec<Pair>> {
    let [.., with, without] = seeded.signing_in.as_slice() else {
        anyhow::bail!("too few users");
    };
    let with = Person::create(port, with, true).await?;
    let without = Person::create(port, without, false).await?;
    let tickets = without.session.api("/tickets?limit=50")?;
    let tag = Connection::open(port).await?.expect(&tickets).await?;
    let tag = tag.header("etag").context("a list without a tag")?;
    let known = tickets.clone().header("if-none-match", tag)?.expecting(304);
    Ok(vec![
        Pair::new(
            "tickets, 50 rows, 304",
            "its 200",
            [known, tickets.clone()],
            1.0,
        ),
        Pair::new(
            "tickets, 50 rows, a file on each",
            "without files",
            [with.session.api("/tickets?limit=50")?, tickets],
            WITH_FILES,
        ),
        Pair::new(
            "ticket, a file on it and on every second comment",
            "without files",
            [with.ticket()?, without.ticket()?],
            WITH_FILES,
        ),
    ])
}

/// Somebody with tickets, one of which has comments.
struct Person {
    session: Session,
    connection: Connection,
    ticket: String,
}

impl Person {
    async fn create(port: u16, user: &User, has_files: bool) -> anyhow::Result<Self> {
        let mut person = Self {
            session: Session::open(port, user).await?,
            connection: Connection::open(port).await?,
            ticket: String::new(),
        };
        for _ in 0..TICKETS {
            let created = person.send("/tickets", new_ticket(), has_files).await?;
            person.ticket = text(&created, "/ticket/id")?;
        }
        let path = format!("/tickets/{}/comments", person.ticket);
        for number in 0..COMMENTS {
            let comment = json!({ "content": "It has happened again, twice this morning." });
            let has_file = has_files && number % 2 == 0;
            person.send(&path, comment, has_file).await?;
        }
        Ok(person)
    }

    async fn send(&mut self, path: &str, mut body: Value, has_file: bool) -> anyhow::Result<Value> {
        if has_file {
            let upload = self.session.upload("screenshot of the printer.txt")?;
            let upload = self.connection.expect(&upload).await?.json()?;
            let fields = body.as_object_mut().context("a body with fields")?;
            let ids = json!([text(&upload, "/upload/id")?]);
            fields.insert("attachmentIds".to_owned(), ids);
        }
        let call = self.session.post(path, &body, 201)?;
        self.connection.expect(&call).await?.json()
    }

    fn ticket(&self) -> anyhow::Result<Call> {
        self.session.api(&format!("/tickets/{}", self.ticket))
    }
}

fn text(value: &Value, pointer: &str) -> anyhow::Result<String> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    let text = text.with_context(|| format!("{API} answered without {pointer}"))?;
    Ok(text.to_owned())
}

//! What a bare server does for each request: recorded from the portal, handed over in a file.

use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// All that a bare server answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Script {
    /// The address of each PostgreSQL login that is used.
    pub postgres: Vec<String>,
    /// The address of Redis, if it is used.
    pub redis: Option<String>,
    /// The SQLite file, if it is used.
    pub sqlite: Option<String>,
    /// What the portal sets on each connection to SQLite.
    pub sqlite_setup: Vec<String>,
    /// Connections of each worker to a PostgreSQL login, or to SQLite.
    pub connections: usize,
    /// The cases, by their number in the path.
    pub cases: Vec<CaseScript>,
}

/// The requests of one line of the table.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CaseScript {
    /// One, or several that follow each other.
    pub requests: Vec<RequestScript>,
    /// For each lane what it has in place of the first lane's values.
    pub lanes: Vec<Vec<Bytes>>,
}

/// What is done for one request.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RequestScript {
    /// The status of the answer.
    pub status: u16,
    /// Its headers that describe the body.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Bytes,
    /// What is sent before it, and after it.
    pub steps: Vec<Step>,
    /// Ids that the portal made for this request: each time the bare server makes others.
    pub fresh: Vec<Bytes>,
}

/// What is sent together, without waiting for answers in between.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Step {
    /// Whether the response waits for the answers.
    pub awaited: bool,
    /// In this order.
    pub commands: Vec<Command>,
}

/// A command to a database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// A prepared statement of PostgreSQL's.
    Postgres {
        /// Which of the request's connections it is sent on.
        connection: usize,
        /// The number of the login in [`Script::postgres`].
        login: usize,
        /// The statement.
        query: Query,
    },
    /// Statements without parameters, in one message to PostgreSQL.
    PostgresBatch {
        /// Which of the request's connections they are sent on.
        connection: usize,
        /// The number of the login in [`Script::postgres`].
        login: usize,
        /// The statements.
        sql: String,
    },
    /// A command of Redis', with its arguments.
    Redis(Vec<Bytes>),
    /// A statement of SQLite's.
    Sqlite(SqliteQuery),
}

/// A statement with its parameters, in PostgreSQL's binary form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// The statement.
    pub sql: String,
    /// Its parameters.
    pub parameters: Vec<Option<Bytes>>,
    /// The types of its parameters, by their ids.
    pub types: Vec<u32>,
    /// How many rows it found.
    pub rows: u64,
}

/// A statement of SQLite's with its parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SqliteQuery {
    /// The statement.
    pub sql: String,
    /// Its parameters.
    pub parameters: Vec<Literal>,
    /// How many rows it found.
    pub rows: u64,
}

/// A value of SQLite's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Literal {
    /// `NULL`
    Null,
    /// A whole number.
    Integer(i64),
    /// Another number.
    Real(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Blob(Bytes),
}

/// Bytes, which are base64 in JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bytes(pub Vec<u8>);

impl<T: AsRef<[u8]> + ?Sized> From<&T> for Bytes {
    fn from(bytes: &T) -> Self {
        Self(bytes.as_ref().to_vec())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64.decode(text.as_bytes()).map_err(de::Error::custom)?;
        Ok(Self(bytes))
    }
}

impl Script {
    /// The number of a login, which is added if it is new.
    pub fn login(&mut self, url: &str) -> usize {
        if let Some(number) = self.postgres.iter().position(|known| known == url) {
            return number;
        }
        self.postgres.push(url.to_owned());
        self.postgres.len() - 1
    }
}

//! Where rows are read from and written to.

use std::fmt::Write as _;
use std::pin::Pin;

use anyhow::Context as _;
use futures_util::{SinkExt as _, TryStreamExt as _};
use hyper::body::Bytes;
use rusqlite::types::{Value, ValueRef};
use tokio_postgres::{Client, CopyInSink, NoTls};

use crate::backend::BenchDatabase;
use crate::script::Literal;

/// How much is sent to PostgreSQL at once.
const CHUNK: usize = 256 * 1024;

/// How many rows one transaction of SQLite's writes.
const BATCH: usize = 50_000;

/// Beside the portal: as a superuser, without checks of foreign keys.
pub(super) enum Sink {
    Postgres {
        client: Client,
        copy: Option<Pin<Box<CopyInSink<Bytes>>>>,
        buffer: String,
    },
    Sqlite {
        connection: rusqlite::Connection,
        insert: String,
        rows: usize,
    },
}

impl Sink {
    pub(super) async fn open(database: &BenchDatabase) -> anyhow::Result<Self> {
        if let Some(file) = database.sqlite() {
            let connection = rusqlite::Connection::open(file)?;
            let setup = "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF;";
            connection.execute_batch(setup)?;
            return Ok(Self::Sqlite {
                connection,
                insert: String::new(),
                rows: 0,
            });
        }
        let url = database.superuser().context("an address")?;
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        tokio::spawn(async move { drop(connection.await) });
        let setup = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO';
                     SET session_replication_role = 'replica'";
        client.batch_execute(setup).await?;
        Ok(Self::Postgres {
            client,
            copy: None,
            buffer: String::with_capacity(2 * CHUNK),
        })
    }

    /// The rows of a table that a condition holds for, without computed columns.
    pub(super) async fn read(
        &mut self,
        table: &str,
        condition: &str,
    ) -> anyhow::Result<Vec<Vec<Literal>>> {
        let columns = self.columns(table).await?;
        let query = format!("SELECT {columns} FROM {table} WHERE {condition}");
        match self {
            Self::Postgres { client, .. } => {
                let copied = client
                    .copy_out(&format!("COPY ({query}) TO STDOUT"))
                    .await?;
                let copied: Vec<Bytes> = copied.try_collect().await?;
                let text = String::from_utf8(copied.concat())?;
                // In COPY's own notation, in which it is written again.
                let row = |line: &str| {
                    let fields = line.split('\t');
                    fields
                        .map(|field| Literal::Text(field.to_owned()))
                        .collect()
                };
                Ok(text.lines().map(row).collect())
            }
            Self::Sqlite { connection, .. } => {
                let mut statement = connection.prepare(&query)?;
                let count = statement.column_count();
                let rows = statement.query_map([], |row| {
                    (0..count)
                        .map(|index| Ok(literal(row.get_ref(index)?)))
                        .collect()
                })?;
                Ok(rows.collect::<Result<_, _>>()?)
            }
        }
    }

    /// Begins to write rows of a table, as [`read`](Self::read) gives them.
    pub(super) async fn begin(&mut self, table: &str) -> anyhow::Result<()> {
        let columns = self.columns(table).await?;
        match self {
            Self::Postgres { client, copy, .. } => {
                let sql = format!("COPY {table} ({columns}) FROM STDIN");
                *copy = Some(Box::pin(client.copy_in(&sql).await?));
            }
            Self::Sqlite {
                connection, insert, ..
            } => {
                let marks = vec!["?"; columns.split(',').count()].join(", ");
                *insert = format!("INSERT INTO {table} ({columns}) VALUES ({marks})");
                connection.execute_batch("BEGIN")?;
            }
        }
        Ok(())
    }

    pub(super) async fn row(&mut self, fields: &[Literal]) -> anyhow::Result<()> {
        match self {
            Self::Postgres { copy, buffer, .. } => {
                for (number, field) in fields.iter().enumerate() {
                    let Literal::Text(text) = field else {
                        anyhow::bail!("a field that is not of COPY's notation");
                    };
                    let separator = if number == 0 { "" } else { "\t" };
                    write!(buffer, "{separator}{text}")?;
                }
                buffer.push('\n');
                if buffer.len() >= CHUNK {
                    let copy = copy.as_mut().context("a table to write to")?;
                    copy.send(std::mem::take(buffer).into()).await?;
                }
            }
            Self::Sqlite {
                connection,
                insert,
                rows,
            } => {
                let values = fields.iter().map(value);
                let mut statement = connection.prepare_cached(insert)?;
                statement.execute(rusqlite::params_from_iter(values))?;
                *rows += 1;
                if *rows % BATCH == 0 {
                    connection.execute_batch("COMMIT; BEGIN")?;
                }
            }
        }
        Ok(())
    }

    /// Ends what was begun.
    pub(super) async fn end(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Postgres { copy, buffer, .. } => {
                let mut copy = copy.take().context("a table to write to")?;
                copy.send(std::mem::take(buffer).into()).await?;
                copy.as_mut().finish().await?;
            }
            Self::Sqlite { connection, .. } => connection.execute_batch("COMMIT")?,
        }
        Ok(())
    }

    /// Leaves no mail to be sent, and the database as one that was in use for long.
    pub(super) async fn finish(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Postgres { client, .. } => {
                client.batch_execute("DELETE FROM mail_outbox").await?;
                client.batch_execute("VACUUM (ANALYZE)").await?;
                client.batch_execute("CHECKPOINT").await?;
            }
            Self::Sqlite { connection, .. } => {
                connection.execute_batch("DELETE FROM mail_outbox")?;
                connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
            }
        }
        Ok(())
    }

    /// The columns of a table that are written, separated by commas.
    async fn columns(&self, table: &str) -> anyhow::Result<String> {
        let columns: Vec<String> = match self {
            Self::Postgres { client, .. } => {
                let sql = "SELECT column_name::text FROM information_schema.columns
                           WHERE table_schema = current_schema() AND table_name = $1
                               AND is_generated = 'NEVER'
                           ORDER BY ordinal_position";
                let rows = client.query(sql, &[&table]).await?;
                let names = rows.iter().map(|row| row.try_get(0));
                names.collect::<Result<_, _>>()?
            }
            Self::Sqlite { connection, .. } => {
                // Which leaves out computed columns.
                let sql = "SELECT name FROM pragma_table_info(?)";
                let mut statement = connection.prepare(sql)?;
                let names = statement.query_map([table], |row| row.get(0))?;
                names.collect::<Result<_, _>>()?
            }
        };
        anyhow::ensure!(!columns.is_empty(), "there is no table {table}");
        Ok(columns.join(", "))
    }
}

fn literal(value: ValueRef<'_>) -> Literal {
    match value {
        ValueRef::Null => Literal::Null,
        ValueRef::Integer(number) => Literal::Integer(number),
        ValueRef::Real(number) => Literal::Real(number),
        ValueRef::Text(text) => Literal::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Literal::Blob(bytes.into()),
    }
}

fn value(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Integer(number) => Value::Integer(*number),
        Literal::Real(number) => Value::Real(*number),
        Literal::Text(text) => Value::Text(text.clone()),
        Literal::Blob(bytes) => Value::Blob(bytes.0.clone()),
    }
}

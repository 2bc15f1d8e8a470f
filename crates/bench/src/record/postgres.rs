//! PostgreSQL's protocol, version 3, as far as it shows which statements are run.

use std::collections::HashMap;

use super::proxy::Sent;
use crate::script::{Bytes, Query};

/// Reads what a client sends.
pub(super) struct Requests {
    address: String,
    login: Option<String>,
    buffer: Vec<u8>,
    /// Prepared statements by their names, with the types of their parameters.
    statements: HashMap<Vec<u8>, (String, Vec<u32>)>,
    bound: Option<Query>,
}

impl Requests {
    /// At the beginning of a connection. In the address, `{login}` stands for who connects.
    pub(super) fn new(address: String) -> Self {
        Self {
            address,
            login: None,
            buffer: Vec::new(),
            statements: HashMap::new(),
            bound: None,
        }
    }

    /// What is complete with these bytes: one item for each answer that the server ends with
    /// `ReadyForQuery`.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Vec<Sent> {
        self.buffer.extend_from_slice(bytes);
        let mut sent = Vec::new();
        loop {
            let Some(login) = self.login.clone() else {
                let Some((_, body)) = message(&mut self.buffer, 0) else {
                    return sent;
                };
                self.login = user(&body).map(|user| self.address.replace("{login}", &user));
                continue;
            };
            let Some((kind, body)) = message(&mut self.buffer, 1) else {
                return sent;
            };
            match kind {
                b'Q' => {
                    let sql = Fields(&body).text();
                    sent.push(Sent::Batch { login, sql });
                }
                b'P' => self.prepare(Fields(&body)),
                b'B' => self.bound = self.bind(Fields(&body)),
                b'S' => sent.push(match self.bound.take() {
                    Some(query) => Sent::Query { login, query },
                    None => Sent::Preparation,
                }),
                _ => {}
            }
        }
    }

    fn prepare(&mut self, mut fields: Fields<'_>) {
        let name = fields.name().to_vec();
        let sql = fields.text();
        let types = (0..fields.i16()).map(|_| fields.u32()).collect();
        self.statements.insert(name, (sql, types));
    }

    fn bind(&self, mut fields: Fields<'_>) -> Option<Query> {
        let _portal = fields.name();
        let (sql, types) = self.statements.get(fields.name())?.clone();
        for _ in 0..fields.i16() {
            fields.i16();
        }
        let parameters = (0..fields.i16())
            .map(|_| {
                // A null has the length -1.
                let length = usize::try_from(fields.u32().cast_signed()).ok()?;
                Some(Bytes::from(fields.take(length)))
            })
            .collect();
        Some(Query {
            sql,
            types,
            parameters,
            rows: 0,
        })
    }
}

/// The user in the message that begins a connection; `None` for a request for encryption.
fn user(startup: &[u8]) -> Option<String> {
    let mut fields = Fields(startup);
    // 3.0 or a later minor version
    if fields.u32() >> 16 != 3 {
        return None;
    }
    loop {
        match fields.name() {
            b"" => return None,
            b"user" => return Some(fields.text()),
            _ => fields.name(),
        };
    }
}

/// What matters of a server's answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Row,
    /// The server waits for the next request.
    Ready,
}

/// Reads what a server sends.
#[derive(Default)]
pub(super) struct Answers(Vec<u8>);

impl Answers {
    pub(super) fn read(&mut self, bytes: &[u8]) -> Vec<Answer> {
        self.0.extend_from_slice(bytes);
        let mut answers = Vec::new();
        while let Some((kind, _)) = message(&mut self.0, 1) {
            match kind {
                b'D' => answers.push(Answer::Row),
                b'Z' => answers.push(Answer::Ready),
                _ => {}
            }
        }
        answers
    }
}

/// Takes a complete message from the buffer: its kind, which the first one of a connection does not
/// have, and its body.
fn message(buffer: &mut Vec<u8>, kind_length: usize) -> Option<(u8, Vec<u8>)> {
    let head = buffer.get(kind_length..kind_length + 4)?;
    let length = usize::try_from(u32::from_be_bytes(head.try_into().ok()?)).ok()?;
    let end = kind_length + length;
    if buffer.len() < end {
        return None;
    }
    let kind = buffer.first().copied().filter(|_| kind_length > 0);
    let body = buffer.get(kind_length + 4..end)?.to_vec();
    buffer.drain(..end);
    Some((kind.unwrap_or_default(), body))
}

/// The fields of a message. What is missing reads as empty or zero.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Up to the zero that ends it.
    fn name(&mut self) -> &'a [u8] {
        let length = self.0.iter().position(|byte| *byte == 0);
        let name = self.take(length.unwrap_or(self.0.len()));
        self.take(1);
        name
    }

    fn text(&mut self) -> String {
        String::from_utf8_lossy(self.name()).into_owned()
    }

    fn i16(&mut self) -> i16 {
        self.take(2).try_into().map_or(0, i16::from_be_bytes)
    }

    fn u32(&mut self) -> u32 {
        self.take(4).try_into().map_or(0, u32::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: &[u8], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [kind, &length.to_be_bytes(), body].concat()
    }

    #[test]
    fn a_prepared_statement_is_found_with_its_parameters() {
        let startup = frame(b"", b"\0\x03\0\0user\0portal_app\0database\0portal\0\0");
        let parse = frame(b"P", b"s0\0SELECT $1, $2\0\0\x02\0\0\x0b\x86\0\0\0\x19");
        let bind = frame(
            b"B",
            b"\0s0\0\0\x01\0\x01\0\x02\0\0\0\x02ab\xff\xff\xff\xff\0\x01\0\x01",
        );
        let sync = frame(b"S", b"");
        let batch = frame(b"Q", b"ROLLBACK\0");
        let all = [startup, parse, sync.clone(), bind, sync, batch].concat();
        // However the bytes arrive.
        for chunk in [1, 7, all.len()] {
            let mut requests = Requests::new("postgres://{login}@db/portal".to_owned());
            let sent: Vec<_> = all
                .chunks(chunk)
                .flat_map(|part| requests.read(part))
                .collect();
            let [
                Sent::Preparation,
                Sent::Query { login, query },
                Sent::Batch { sql, .. },
            ] = &sent[..]
            else {
                panic!("{sent:?}");
            };
            assert_eq!(login, "postgres://portal_app@db/portal");
            assert_eq!(query.sql, "SELECT $1, $2");
            assert_eq!(query.types, [2950, 25]);
            assert_eq!(query.parameters, [Some(Bytes::from("ab")), None]);
            assert_eq!(sql, "ROLLBACK");
        }
    }

    #[test]
    fn rows_are_counted_up_to_the_end_of_an_answer() {
        let answer = [
            frame(b"D", b"row"),
            frame(b"C", b"SELECT 1\0"),
            frame(b"Z", b"I"),
        ]
        .concat();
        let mut answers = Answers::default();
        let read: Vec<_> = answer
            .chunks(3)
            .flat_map(|part| answers.read(part))
            .collect();
        assert_eq!(read, [Answer::Row, Answer::Ready]);
    }
}

//! Redis' protocol, as far as it shows which commands are sent.

use super::proxy::Sent;
use crate::script::Bytes;

/// Reads what a client sends: arrays of bulk strings.
#[derive(Default)]
pub(super) struct Requests(Vec<u8>);

impl Requests {
    /// The commands that are complete with these bytes.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Vec<Sent> {
        self.0.extend_from_slice(bytes);
        let mut sent = Vec::new();
        while let Some((arguments, length)) = command(&self.0) {
            sent.push(Sent::Redis(arguments));
            self.0.drain(..length);
        }
        sent
    }
}

/// The first command of a buffer, if it is complete, and its length.
fn command(buffer: &[u8]) -> Option<(Vec<Bytes>, usize)> {
    let (count, mut at) = number(buffer, 0, b'*')?;
    let mut arguments = Vec::with_capacity(count);
    for _ in 0..count {
        let (length, start) = number(buffer, at, b'$')?;
        arguments.push(buffer.get(start..start + length)?.into());
        at = start + length + 2;
        if buffer.len() < at {
            return None;
        }
    }
    Some((arguments, at))
}

/// A number between a mark and the end of its line, and where the next line begins.
fn number(buffer: &[u8], at: usize, mark: u8) -> Option<(usize, usize)> {
    let line = buffer.get(at..)?.strip_prefix(&[mark])?;
    let length = line.windows(2).position(|end| end == b"\r\n")?;
    let digits = std::str::from_utf8(line.get(..length)?).ok()?;
    Some((digits.parse().ok()?, at + 1 + length + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_however_their_bytes_arrive() {
        let sent = b"*2\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n*1\r\n$4\r\nPING\r\n";
        for chunk in [1, 5, sent.len()] {
            let mut requests = Requests::default();
            let commands: Vec<Vec<Bytes>> = sent
                .chunks(chunk)
                .flat_map(|part| requests.read(part))
                .map(|sent| match sent {
                    Sent::Redis(arguments) => arguments,
                    other => panic!("{other:?}"),
                })
                .collect();
            let expected = vec![
                vec![Bytes::from("GET"), Bytes::from("a\r\nb")],
                vec![Bytes::from("PING")],
            ];
            assert_eq!(commands, expected, "{chunk}");
        }
    }
}

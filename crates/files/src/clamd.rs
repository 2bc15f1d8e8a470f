//! The scanner `clamd` of `ClamAV`.

use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use portal_domain::files::{FileBytes, FileScanner, ScanError, Verdict};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

/// How long a scan may take, from connecting to the verdict.
const SCAN_LIMIT: Duration = Duration::from_mins(2);

/// The longest answer: it names what was found.
const MAX_ANSWER: u64 = 4096;

/// Where `clamd` listens: `tcp://host:port` or `unix:/path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clamd(Address);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Address {
    Tcp(String),
    Unix(PathBuf),
}

/// The text is not an address of `clamd`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be tcp://host:port or unix:/path")]
pub struct InvalidClamdAddress;

impl FromStr for Clamd {
    type Err = InvalidClamdAddress;

    fn from_str(text: &str) -> Result<Self, InvalidClamdAddress> {
        let address = if let Some(host) = text.strip_prefix("tcp://") {
            let host = host.trim_end_matches('/');
            let (name, port) = host.rsplit_once(':').ok_or(InvalidClamdAddress)?;
            if name.is_empty() || port.parse::<u16>().is_err() {
                return Err(InvalidClamdAddress);
            }
            Address::Tcp(host.to_owned())
        } else {
            let path = text.strip_prefix("unix:").ok_or(InvalidClamdAddress)?;
            let path = path.strip_prefix("//").unwrap_or(path);
            if !path.starts_with('/') {
                return Err(InvalidClamdAddress);
            }
            Address::Unix(path.into())
        };
        Ok(Self(address))
    }
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("clamd did not answer in time")]
    Timeout,
    #[error("clamd cannot be reached")]
    Connection(#[source] io::Error),
    #[error("the file cannot be read")]
    File(#[source] portal_domain::files::FileStoreError),
    /// For example that the file is larger than its `StreamMaxLength`.
    #[error("clamd answered: {0}")]
    Answer(String),
}

#[async_trait]
impl FileScanner for Clamd {
    async fn scan(&self, bytes: FileBytes) -> Result<Verdict, ScanError> {
        let scan = async {
            match &self.0 {
                Address::Tcp(host) => {
                    let stream = TcpStream::connect(host).await;
                    in_stream(stream.map_err(Failure::Connection)?, bytes).await
                }
                Address::Unix(path) => {
                    let stream = UnixStream::connect(path).await;
                    in_stream(stream.map_err(Failure::Connection)?, bytes).await
                }
            }
        };
        let verdict = timeout(SCAN_LIMIT, scan).await;
        let verdict = verdict.unwrap_or(Err(Failure::Timeout));
        if let Ok(Verdict::Infected(signature)) = &verdict {
            tracing::warn!(signature, "an uploaded file contains malicious software");
        }
        verdict.map_err(|failure| ScanError(failure.into()))
    }
}

/// The command `INSTREAM` of clamd(8): pieces with their lengths, and an empty one at the end.
async fn in_stream(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    mut bytes: FileBytes,
) -> Result<Verdict, Failure> {
    let (mut answers, mut commands) = tokio::io::split(stream);
    let sent = async {
        let lost = Failure::Connection;
        commands.write_all(b"zINSTREAM\0").await.map_err(lost)?;
        while let Some(chunk) = bytes.try_next().await.map_err(Failure::File)? {
            for piece in chunk.chunks(1 << 20) {
                let length = u32::try_from(piece.len()).unwrap_or_default();
                commands
                    .write_all(&length.to_be_bytes())
                    .await
                    .map_err(lost)?;
                commands.write_all(piece).await.map_err(lost)?;
            }
        }
        commands.write_all(&[0; 4]).await.map_err(lost)?;
        commands.flush().await.map_err(lost)
    };
    let sent = sent.await;
    if let Err(error @ Failure::File(_)) = sent {
        return Err(error);
    }
    // Where clamd refuses a stream it answers before it has read all of it.
    let mut answer = Vec::new();
    let read = (&mut answers)
        .take(MAX_ANSWER)
        .read_to_end(&mut answer)
        .await;
    let text = String::from_utf8_lossy(&answer);
    let text = text.trim_matches(['\0', '\n', ' ']);
    if let Some(found) = text.strip_prefix("stream: ") {
        if found == "OK" && sent.is_ok() {
            return Ok(Verdict::Clean);
        }
        if let Some(signature) = found.strip_suffix(" FOUND") {
            return Ok(Verdict::Infected(signature.to_owned()));
        }
    }
    sent?;
    read.map_err(Failure::Connection)?;
    Err(Failure::Answer(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::StreamExt as _;
    use tokio::net::TcpListener;

    use super::*;

    /// A clamd that gives one answer, and returns what it was sent.
    async fn scan(
        answer: &'static [u8],
        content: &'static [u8],
    ) -> (Result<Verdict, ScanError>, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut sent = vec![0; 10];
            stream.read_exact(&mut sent).await.unwrap();
            loop {
                let length = stream.read_u32().await.unwrap();
                if length == 0 {
                    break;
                }
                let mut piece = vec![0; length as usize];
                stream.read_exact(&mut piece).await.unwrap();
                sent.extend(piece);
            }
            stream.write_all(answer).await.unwrap();
            sent
        });
        let clamd: Clamd = address.parse().unwrap();
        let chunks = content.chunks(3).map(|chunk| Ok(Bytes::from_static(chunk)));
        let bytes = futures_util::stream::iter(chunks).boxed();
        let verdict = clamd.scan(bytes).await;
        (verdict, server.await.unwrap())
    }

    #[tokio::test]
    async fn the_whole_file_is_sent_and_the_verdict_read() {
        let (verdict, sent) = scan(b"stream: OK\0", b"Hello, world").await;
        assert_eq!(verdict.unwrap(), Verdict::Clean);
        assert_eq!(sent, b"zINSTREAM\0Hello, world");
        let (verdict, _) = scan(b"stream: Win.Test.EICAR_HDB-1 FOUND\0", b"x").await;
        let infected = Verdict::Infected("Win.Test.EICAR_HDB-1".to_owned());
        assert_eq!(verdict.unwrap(), infected);
    }

    #[tokio::test]
    async fn anything_else_is_no_verdict() {
        for answer in [
            &b"INSTREAM size limit exceeded. ERROR\0"[..],
            b"",
            b"stream: OKAY\0",
            b"UNKNOWN COMMAND\0",
        ] {
            assert!(scan(answer, b"x").await.0.is_err());
        }
        let nobody: Clamd = "unix:/nonexistent/clamd.sock".parse().unwrap();
        assert!(
            nobody
                .scan(futures_util::stream::empty().boxed())
                .await
                .is_err()
        );
    }

    #[test]
    fn addresses_are_of_tcp_or_of_a_socket() {
        for text in [
            "tcp://clamav:3310",
            "tcp://[::1]:3310/",
            "unix:/run/clamd.sock",
            "unix:///run/c",
        ] {
            assert!(text.parse::<Clamd>().is_ok(), "{text}");
        }
        for text in [
            "clamav:3310",
            "tcp://clamav",
            "tcp://:1",
            "unix:clamd.sock",
            "unix://run/clamd.ctl",
            "http://a:1",
            "",
        ] {
            assert_eq!(text.parse::<Clamd>(), Err(InvalidClamdAddress), "{text}");
        }
    }
}

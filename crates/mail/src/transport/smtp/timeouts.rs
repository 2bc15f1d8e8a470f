//! How long each step of a delivery may take.

use std::time::Duration;

/// How long each step of a delivery may take. The defaults follow RFC 5321, section
/// 4.5.3.2: a server that scans what it takes may need minutes, and a client that gives up earlier
/// sends the mail twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmtpTimeouts {
    /// Connecting to one address of the host.
    pub connect: Duration,
    /// From the connection to the end of both greetings, the server's and ours. A TLS handshake
    /// counts in.
    pub greeting: Duration,
    /// Any command that has no time-out of its own: `STARTTLS`, `AUTH`, `MAIL`.
    pub command: Duration,
    /// `RCPT`.
    pub recipient: Duration,
    /// `DATA`.
    pub data: Duration,
    /// Sending the mail's text.
    pub text: Duration,
    /// The reply to the end of the text.
    pub end_of_text: Duration,
}

impl Default for SmtpTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            greeting: Duration::from_mins(5),
            command: Duration::from_mins(5),
            recipient: Duration::from_mins(5),
            data: Duration::from_mins(2),
            text: Duration::from_mins(3),
            end_of_text: Duration::from_mins(10),
        }
    }
}

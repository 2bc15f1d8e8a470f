//! Reduces the library's errors to what may be kept: a server's code, without its words.

use std::error::Error as _;
use std::io;

use lettre::transport::smtp::Error;

use super::DeliveryError;

/// The error of a connection that was not established, up to the answer to our greeting.
pub(super) fn on_connecting(error: Error) -> DeliveryError {
    match error.status().map(u16::from) {
        Some(code) if error.is_transient() => return DeliveryError::Busy(code),
        Some(code) => return DeliveryError::Greeting(code),
        None => {}
    }
    if error.is_response() || error.is_client() {
        return DeliveryError::NotSmtp;
    }
    match io_cause(&error).map(io::Error::kind) {
        Some(io::ErrorKind::InvalidData) => DeliveryError::Tls(error),
        _ if error.is_tls() => DeliveryError::Tls(error),
        kind => DeliveryError::Connection {
            kind: kind.unwrap_or(io::ErrorKind::Other),
            source: error,
        },
    }
}

/// The error of `STARTTLS`.
pub(super) fn on_starttls(error: Error) -> DeliveryError {
    match error.status() {
        Some(_) => DeliveryError::Unsupported("STARTTLS"),
        None => on_connecting(error),
    }
}

/// The error of signing in.
pub(super) fn on_sign_in(error: Error) -> DeliveryError {
    match error.status().map(u16::from) {
        Some(code) if error.is_permanent() => DeliveryError::Credentials(code),
        _ => on_connecting(error),
    }
}

/// The error of a mail on an established connection.
pub(super) fn on_mail(error: &Error) -> DeliveryError {
    let Some(code) = error.status().map(u16::from) else {
        return DeliveryError::Protocol;
    };
    // Many servers tell what they have against a greeting in the answer to a recipient only.
    let blames_greeting = error.source().is_some_and(|words| {
        words
            .to_string()
            .to_ascii_lowercase()
            .contains("helo command")
    });
    match code {
        // It ends all that goes on (RFC 5321, section 3.8).
        421 => DeliveryError::Busy(code),
        // It is about the commands and their order, not about the mail. 501 is what servers say to
        // an address that cannot be.
        500 | 502 | 503 => DeliveryError::Protocol,
        530 | 538 => DeliveryError::NotSignedIn(code),
        _ if blames_greeting => DeliveryError::Greeting(code),
        _ if error.is_transient() => DeliveryError::Temporary(code),
        _ => DeliveryError::Permanent(code),
    }
}

fn io_cause(error: &Error) -> Option<&io::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref() {
            return Some(error);
        }
        cause = error.source();
    }
    None
}

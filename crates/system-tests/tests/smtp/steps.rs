//! A server that falls silent, or breaks off, at each step of a mail.

use std::net::Ipv4Addr;
use std::time::Duration;

use portal_domain::notifications::OutboxState;
use portal_mail::{SmtpConfig, SmtpTimeouts, SmtpTransport};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::{config, failed, last_error, world};

/// The replies to the connection and to each step of a mail.
const REPLIES: [&str; 6] = [
    "220 mail.test\r\n",
    "250 mail.test\r\n",
    "250 sender\r\n",
    "250 recipient\r\n",
    "354 go on\r\n",
    "250 taken\r\n",
];

/// Serves one connection with some of the replies, and returns it.
async fn serve(listener: TcpListener, replies: &'static [&'static str]) -> BufReader<TcpStream> {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    for (step, reply) in replies.iter().enumerate() {
        let mut line = String::new();
        // the greeting answers nothing, the last reply the end of the text
        while step > 0 && (line.is_empty() || (step == 5 && line != ".\r\n")) {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
        }
        stream.get_mut().write_all(reply.as_bytes()).await.unwrap();
    }
    stream
}

/// The time-outs, of which the one of a step is short: so a test that waits for another one fails by
/// its own time.
fn timeouts(step: usize) -> SmtpTimeouts {
    let short = |is_short| {
        if is_short {
            Duration::from_millis(50)
        } else {
            Duration::from_mins(10)
        }
    };
    SmtpTimeouts {
        // a part of the time for the greeting
        connect: Duration::from_millis(50),
        greeting: short(step <= 1),
        command: short(step == 2),
        recipient: short(step == 3),
        data: short(step == 4),
        text: short(step == 5),
        end_of_text: short(step == 5),
    }
}

#[tokio::test]
async fn each_step_has_a_time_of_its_own() {
    for step in 0..REPLIES.len() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(serve(listener, &REPLIES[..step]));
        let config = SmtpConfig {
            timeouts: timeouts(step),
            ..config(&url)
        };
        let (world, _) = world().await;
        let sender = world.sender(SmtpTransport::new(config).unwrap());
        assert_eq!(sender.send_due().await.unwrap(), failed(1), "{step}");
        let expected = match step {
            0 | 1 => "the mail server did not greet in time",
            _ => "the mail server did not finish in time",
        };
        assert_eq!(
            last_error(&world, OutboxState::Waiting).await,
            expected,
            "{step}"
        );
        drop(serving.await.unwrap());
    }
}

#[tokio::test]
async fn a_server_may_hang_up_at_each_step() {
    for step in 0..REPLIES.len() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { drop(serve(listener, &REPLIES[..step]).await) });
        let (world, _) = world().await;
        let sender = world.sender(SmtpTransport::new(config(&url)).unwrap());
        assert_eq!(sender.send_due().await.unwrap(), failed(1), "{step}");
        serving.await.unwrap();
        assert_eq!(world.outbox(OutboxState::Waiting).await.len(), 1);
    }
}

//! An SMTP server in this process.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mailin::response::{AUTH_OK, INVALID_CREDENTIALS, OK};
use mailin::{Action, AuthMechanism, Handler, Response, Session, SessionBuilder};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::certificates::self_signed;

/// How connections to a mail server are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailEncryption {
    /// Not at all.
    None,
    /// By STARTTLS.
    StartTls,
    /// By TLS from the start.
    Implicit,
}

impl MailEncryption {
    /// All ways.
    pub const ALL: [Self; 3] = [Self::None, Self::StartTls, Self::Implicit];

    const fn scheme(self) -> &'static str {
        match self {
            Self::None => "smtp",
            Self::StartTls => "smtp+starttls",
            Self::Implicit => "smtps",
        }
    }
}

/// A mail that the server has taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReceivedMail {
    /// Who sent it, by the envelope.
    pub from: String,
    /// Who it is for, by the envelope.
    pub to: Vec<String>,
    /// The mail, from its first header on.
    pub raw: Vec<u8>,
    /// Whether the connection was encrypted.
    pub encrypted: bool,
    /// Who had signed in.
    pub user: Option<String>,
}

/// A mail server on a free port, with a certificate of its own for `127.0.0.1`. It ends, with its
/// connections, when it is dropped.
pub struct SmtpServer {
    address: SocketAddr,
    certificate: String,
    post: Arc<Post>,
    unopened: Option<TcpSocket>,
    serving: Option<JoinHandle<()>>,
}

/// What the connections of a server share.
struct Post {
    encryption: MailEncryption,
    credentials: Option<(String, String)>,
    tls: TlsAcceptor,
    mails: Mutex<Vec<ReceivedMail>>,
    refusals: Mutex<VecDeque<u16>>,
    /// How long the answer to each mail takes.
    delay: Mutex<Duration>,
    /// Recipients whose mails are not answered as long as they are here.
    held: watch::Sender<Vec<String>>,
    greeting_refusal: Mutex<Option<u16>>,
    connections: AtomicUsize,
}

impl Post {
    /// Waits for as long as the answer to a mail is to take.
    async fn ponder(&self, recipients: &[String]) {
        let delay = *self.delay.lock().unwrap();
        tokio::time::sleep(delay).await;
        let is_free = |held: &Vec<String>| !recipients.iter().any(|to| held.contains(to));
        self.held
            .subscribe()
            .wait_for(is_free)
            .await
            .expect("a server that goes on");
    }
}

impl SmtpServer {
    /// A server that takes mails at once; with `credentials`, a name and a password, from who
    /// signs in with these only.
    pub fn start(encryption: MailEncryption, credentials: Option<(&str, &str)>) -> Self {
        let mut server = Self::reserve(encryption, credentials);
        server.open();
        server
    }

    /// A server that has its port but refuses connections until [`open`](Self::open).
    pub fn reserve(encryption: MailEncryption, credentials: Option<(&str, &str)>) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0))
            .expect("a free port");
        let address = socket.local_addr().expect("an address");
        let (tls, certificate) = self_signed(&address.ip().to_string());
        let post = Post {
            encryption,
            credentials: credentials.map(|(name, password)| (name.to_owned(), password.to_owned())),
            tls,
            mails: Mutex::default(),
            refusals: Mutex::default(),
            delay: Mutex::default(),
            held: watch::Sender::default(),
            greeting_refusal: Mutex::default(),
            connections: AtomicUsize::default(),
        };
        Self {
            address,
            certificate,
            post: Arc::new(post),
            unopened: Some(socket),
            serving: None,
        }
    }

    /// Begins to take connections.
    pub fn open(&mut self) {
        if let Some(socket) = self.unopened.take() {
            let listener = socket.listen(64).expect("a listener");
            let serving = accept(listener, Arc::clone(&self.post));
            self.serving = Some(tokio::spawn(serving));
        }
    }

    /// The server's address, without credentials.
    pub fn url(&self) -> String {
        format!("{}://{}", self.post.encryption.scheme(), self.address)
    }

    /// The server's address with a name and a password, both percent-encoded.
    pub fn url_as(&self, name: &str, password: &str) -> String {
        let scheme = self.post.encryption.scheme();
        format!("{scheme}://{name}:{password}@{}", self.address)
    }

    /// The server's certificate, in PEM, which nobody trusts yet.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Refuses the next `times` recipients with a code, in words that repeat their addresses.
    pub fn refuse(&self, code: u16, times: usize) {
        let mut refusals = self.post.refusals.lock().unwrap();
        refusals.extend(std::iter::repeat_n(code, times));
    }

    /// Refuses every greeting with a code.
    pub fn refuse_greetings(&self, code: u16) {
        *self.post.greeting_refusal.lock().unwrap() = Some(code);
    }

    /// Takes a time over each mail from now on.
    pub fn delay(&self, delay: Duration) {
        *self.post.delay.lock().unwrap() = delay;
    }

    /// Answers no mail to an address until [`release`](Self::release).
    pub fn hold(&self, address: &str) {
        self.post
            .held
            .send_modify(|held| held.push(address.to_owned()));
    }

    /// Answers all mails again.
    pub fn release(&self) {
        self.post.held.send_replace(Vec::new());
    }

    /// How many refusals are still to be spoken.
    pub fn refusals_left(&self) -> usize {
        self.post.refusals.lock().unwrap().len()
    }

    /// The mails so far, in the order in which they came.
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.post.mails.lock().unwrap().clone()
    }

    /// How many connections there were so far.
    pub fn connections(&self) -> usize {
        self.post.connections.load(Ordering::SeqCst)
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

async fn accept(listener: TcpListener, post: Arc<Post>) {
    // dropped with this task, which ends the connections
    let mut connections = JoinSet::new();
    while let Ok((stream, peer)) = listener.accept().await {
        post.connections.fetch_add(1, Ordering::SeqCst);
        connections.spawn(serve(stream, peer.ip(), Arc::clone(&post)));
    }
}

/// Serves a connection to its end. One that breaks is the client's business.
async fn serve(stream: TcpStream, peer: IpAddr, post: Arc<Post>) -> io::Result<()> {
    let encrypted = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(Mutex::new(None));
    let mut session = session(peer, &post, &encrypted, &answered);
    let secure = async |stream, session: &mut Session<Desk>| {
        let stream = post.tls.accept(stream).await?;
        encrypted.store(true, Ordering::SeqCst);
        session.tls_active();
        io::Result::Ok(BufReader::new(stream))
    };
    let greeting = session.greeting();
    if post.encryption == MailEncryption::Implicit {
        let mut stream = secure(stream, &mut session).await?;
        respond(&mut stream, &greeting).await?;
        converse(&mut stream, &mut session, &post, &answered).await?;
    } else {
        let mut stream = BufReader::new(stream);
        respond(&mut stream, &greeting).await?;
        if converse(&mut stream, &mut session, &post, &answered).await? == Ending::StartTls {
            let mut stream = secure(stream.into_inner(), &mut session).await?;
            converse(&mut stream, &mut session, &post, &answered).await?;
        }
    }
    Ok(())
}

fn session(
    peer: IpAddr,
    post: &Arc<Post>,
    encrypted: &Arc<AtomicBool>,
    answered: &Arc<Mutex<Option<ReceivedMail>>>,
) -> Session<Desk> {
    let mut builder = SessionBuilder::new("mail.test");
    match post.encryption {
        MailEncryption::None => {
            builder.insecure_enable_plaintext_auth();
        }
        MailEncryption::StartTls => {
            builder.enable_start_tls();
        }
        MailEncryption::Implicit => {}
    }
    if post.credentials.is_some() {
        builder.enable_auth(AuthMechanism::Plain);
    }
    let desk = Desk {
        post: Arc::clone(post),
        encrypted: Arc::clone(encrypted),
        answered: Arc::clone(answered),
        user: None,
        mail: ReceivedMail::default(),
    };
    builder.build(peer, desk)
}

/// How a conversation ended.
#[derive(Debug, PartialEq, Eq)]
enum Ending {
    /// For good.
    Closed,
    /// To go on encrypted.
    StartTls,
}

async fn converse<S>(
    stream: &mut BufReader<S>,
    session: &mut Session<Desk>,
    post: &Post,
    answered: &Mutex<Option<ReceivedMail>>,
) -> io::Result<Ending>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut line = Vec::new();
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(Ending::Closed);
        }
        let mut response = session.process(&line);
        let answered = std::mem::take(&mut *answered.lock().unwrap());
        if let Some(mail) = answered {
            post.ponder(&mail.to).await;
            post.mails.lock().unwrap().push(mail);
        }
        if line
            .get(..4)
            .is_some_and(|verb| verb.eq_ignore_ascii_case(b"EHLO"))
            && let Some(code) = *post.greeting_refusal.lock().unwrap()
        {
            response = Response::custom(code, "not by that name".to_owned());
        }
        respond(stream, &response).await?;
        match response.action {
            Action::Reply | Action::NoReply => {}
            Action::UpgradeTls => return Ok(Ending::StartTls),
            Action::Close => return Ok(Ending::Closed),
        }
    }
}

async fn respond<S>(stream: &mut BufReader<S>, response: &Response) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(&response.buffer()?).await?;
    stream.flush().await
}

/// Takes the mails of one connection.
struct Desk {
    post: Arc<Post>,
    encrypted: Arc<AtomicBool>,
    /// The mail that is to be answered now.
    answered: Arc<Mutex<Option<ReceivedMail>>>,
    user: Option<String>,
    mail: ReceivedMail,
}

impl Handler for Desk {
    fn auth_plain(&mut self, _: &str, name: &str, password: &str) -> Response {
        match &self.post.credentials {
            Some((known, right)) if known == name && right == password => {
                self.user = Some(name.to_owned());
                AUTH_OK
            }
            _ => INVALID_CREDENTIALS,
        }
    }

    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        self.mail = ReceivedMail {
            from: from.to_owned(),
            encrypted: self.encrypted.load(Ordering::SeqCst),
            user: self.user.clone(),
            ..ReceivedMail::default()
        };
        OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        let refusal = self.post.refusals.lock().unwrap().pop_front();
        if let Some(code) = refusal {
            return Response::custom(code, format!("<{to}> is not served"));
        }
        self.mail.to.push(to.to_owned());
        OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        self.mail.raw.extend_from_slice(line);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        *self.answered.lock().unwrap() = Some(std::mem::take(&mut self.mail));
        OK
    }
}

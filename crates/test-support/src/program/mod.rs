//! The server as a process, and a client that speaks to it over TCP.

mod client;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portal_demo::DEMO_PASSWORD;

pub use self::client::{Client, Response};

/// How to start the program.
#[derive(Clone)]
pub struct Launch {
    program: PathBuf,
    folder: PathBuf,
    arguments: Vec<&'static str>,
    variables: BTreeMap<&'static str, String>,
}

impl Launch {
    /// A `portal-server` in a folder, on a free port, with passwords that cost nothing, without
    /// limits on changes, and with a proxy on this machine that is trusted.
    pub fn new(program: impl Into<PathBuf>, folder: &Path) -> Self {
        let launch = Self {
            program: program.into(),
            folder: folder.to_owned(),
            arguments: Vec::new(),
            variables: BTreeMap::new(),
        };
        launch
            .set("PORTAL_BIND", "127.0.0.1:0")
            .set("PORTAL_ARGON2_MEMORY_KIB", "8")
            .set("PORTAL_ARGON2_ITERATIONS", "1")
            .set("PORTAL_WRITES_PER_MINUTE", "0")
            .set("PORTAL_ORG_WRITES_PER_MINUTE", "0")
            .set("TRUSTED_PROXY_CIDRS", "127.0.0.0/8")
    }

    /// With a variable.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.insert(name, value.into());
        self
    }

    /// Another build of the program.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    /// With an argument.
    #[must_use]
    pub fn argument(mut self, argument: &'static str) -> Self {
        self.arguments.push(argument);
        self
    }

    /// With the settings that production requires, but its own servers.
    #[must_use]
    pub fn production(mut self) -> Self {
        self.variables
            .entry("DATABASE_URL")
            .or_insert_with(|| "sqlite://data/portal.db".to_owned());
        self.set("PORTAL_ENV", "production")
            .set("PORTAL_PUBLIC_URL", "https://portal.example.com")
            .set("PORTAL_SECRET_KEY", "0123456789abcdef0123456789abcdef")
            .set("PORTAL_OPS_BIND", "127.0.0.2:0")
            .set("PORTAL_FILES_SHARED", "true")
            .set("MAIL_FROM", "portal@breeze.example")
            .set("SMTP_URL", "smtp://127.0.0.1:9")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(&self.folder)
            .env_clear()
            .envs(&self.variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self) -> Output {
        self.command().output().unwrap()
    }

    /// Starts the program, and waits until it listens.
    pub async fn start(&self) -> Server {
        let mut server = self.spawn();
        server.address = server.announced("listening on http://").await;
        server
    }

    /// Starts the program.
    pub fn spawn(&self) -> Server {
        let mut child = self.command().spawn().unwrap();
        let said = Arc::<Mutex<Vec<String>>>::default();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let listener = std::thread::spawn({
            let said = Arc::clone(&said);
            move || lines.for_each(|line| said.lock().unwrap().push(line.unwrap()))
        });
        Server {
            child,
            said,
            listener: Some(listener),
            address: SocketAddr::from(([0; 4], 0)),
        }
    }
}

/// The program, running. It is killed when this is dropped.
pub struct Server {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
    listener: Option<JoinHandle<()>>,
    address: SocketAddr,
}

impl Server {
    /// Where it takes requests.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client that is not signed in.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// A client signed in as a user of the demo.
    pub async fn signed_in(&self, email: &str) -> Client {
        let mut client = self.client();
        let response = client.sign_in(email, DEMO_PASSWORD).await.unwrap();
        assert_eq!(response.status, 200, "{response:?}");
        client
    }

    /// The lines that it has printed so far.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// The address after `words` in a line that is or will be printed.
    pub async fn announced(&mut self, words: &str) -> SocketAddr {
        eventually(words, async || {
            let exited = self.child.try_wait().unwrap();
            let said = self.said();
            assert!(exited.is_none(), "it has ended: {said:#?}");
            let address = said.iter().find_map(|line| line.strip_prefix(words));
            address.map(|address| address.trim_end_matches("/metrics").parse().unwrap())
        })
        .await
    }

    /// Sends it a signal such as `TERM`.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args(["-s", signal, &self.child.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    /// Waits for its end, and returns its status and all lines.
    pub async fn ended(mut self) -> (ExitStatus, Vec<String>) {
        let status = eventually("the end", async || self.child.try_wait().unwrap()).await;
        self.listener.take().unwrap().join().unwrap();
        (status, self.said())
    }

    /// Ends it by a signal, which must succeed.
    pub async fn stopped_by(self, signal: &str) {
        self.signal(signal);
        let (status, said) = self.ended().await;
        assert_eq!(status.code(), Some(0), "{said:#?}");
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// How long [`eventually`] waits.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Waits until `probe` returns something.
pub async fn eventually<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(start.elapsed() < TIMEOUT, "{what}: not in time");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

//! Servers as child processes, and what the system knows of them.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tempfile::TempDir;

use crate::client::{Call, Connection};

/// How long a server may take until it answers.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// In what `/proc/PID/stat` counts: the kernel's `USER_HZ`, which is 100 on all its platforms that
/// the portal runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// A server of this program's, which ends when this is dropped.
pub struct Server {
    process: Child,
    /// Where it listens.
    pub port: u16,
    /// From the start of its process to its first answer.
    pub boot: Duration,
    folder: TempDir,
}

impl Server {
    /// Starts a portal with these settings on a port.
    pub async fn portal(program: &Path, settings: &[(String, String)]) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(program);
        command
            .env("PORTAL_BIND", format!("127.0.0.1:{port}"))
            .env("PORTAL_PUBLIC_URL", format!("http://127.0.0.1:{port}"))
            .envs(settings.iter().map(|(name, value)| (name, value)));
        Self::start(command, port, "/readyz").await
    }

    /// Starts a bare server over a script.
    pub async fn bare(script: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("bare")
            .arg(script)
            .args(["--port", &port.to_string()]);
        Self::start(command, port, "/ready").await
    }

    async fn start(mut command: Command, port: u16, ready: &str) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let log = folder.path().join("server.log");
        let started = Instant::now();
        let process = command
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?)
            .spawn()
            .with_context(|| format!("{} cannot be started", command.get_program().display()))?;
        let mut server = Self {
            process,
            port,
            boot: Duration::ZERO,
            folder,
        };
        let call = Call::get(ready);
        loop {
            let answered = async { Connection::open(port).await?.expect(&call).await };
            if answered.await.is_ok() {
                server.boot = started.elapsed();
                return Ok(server);
            }
            let is_over = server.process.try_wait()?.is_some();
            anyhow::ensure!(
                !is_over && started.elapsed() < START_TIMEOUT,
                "{} does not answer; it says:\n{}",
                command.get_program().display(),
                server.log()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// What it has printed.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }

    /// The CPU time that it has used in user and kernel mode, in seconds, to a hundredth.
    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        cpu_seconds(&self.proc("stat"))
    }

    /// Its resident memory, in MiB.
    pub fn memory(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(self.proc("status"))?;
        let kib = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.split_ascii_whitespace().next())
            .context("no memory of a process")?;
        Ok(kib.parse::<f64>()? / 1024.0)
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    fn proc(&self, file: &str) -> PathBuf {
        ["/proc", &self.id().to_string(), file].iter().collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The CPU time that this process has used.
pub fn own_cpu_seconds() -> anyhow::Result<f64> {
    cpu_seconds(Path::new("/proc/self/stat"))
}

fn cpu_seconds(stat: &Path) -> anyhow::Result<f64> {
    let stat = fs::read_to_string(stat)?;
    // The second field is the program's name in brackets, which may hold anything.
    let (_, fields) = stat.rsplit_once(')').context("no fields of a process")?;
    let ticks = fields
        .split_ascii_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<f64>)
        .sum::<Result<f64, _>>()?;
    Ok(ticks / TICKS_PER_SECOND)
}

/// A port of the loopback interface that nobody listens on.
pub fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    Ok(listener.local_addr()?.port())
}

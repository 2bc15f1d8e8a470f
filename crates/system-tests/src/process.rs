//! Child processes that end with the test, however it ends.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take until it answers.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Who a server runs as when the tests run as root.
pub(crate) const UNPRIVILEGED: &str = "postgres";

/// Runs a program until the shell's input ends, that is until whoever holds its other end is gone;
/// if that was without a word, the folder of the server goes too. `$1` is the signal that ends the
/// program, `$2` the file in that folder for what it prints.
const UNTIL_INPUT_ENDS: &str = r#"
signal=$1 log=$2; shift 2
"$@" >"$log" 2>&1 </dev/null &
read -r word
kill -s "$signal" $! 2>/dev/null
wait
if [ -z "$word" ]; then rm -rf "$(dirname "$log")"; fi
"#;

/// A server of one test. It ends when this is dropped, and when the process of the test ends; then
/// without its folder, which nobody else removes.
pub(crate) struct OwnProcess {
    shell: Child,
    held: Option<ChildStdin>,
}

impl OwnProcess {
    /// Starts a program that a signal such as `KILL` ends, and that prints to the file `log` in the
    /// server's folder.
    pub(crate) fn start(program: &Command, signal: &str, log: &Path) -> Self {
        let mut shell = shell(UNTIL_INPUT_ENDS)
            .arg(signal)
            .arg(log)
            .arg(program.get_program())
            .args(program.get_args())
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        let held = shell.stdin.take();
        Self { shell, held }
    }
}

impl Drop for OwnProcess {
    fn drop(&mut self) {
        if let Some(mut held) = self.held.take() {
            held.write_all(b"end\n").expect("a shell that listens");
        }
        self.shell.wait().expect("the shell's end");
    }
}

/// What ends the tests, such as Ctrl-C at the terminal, is not for the shell, which clears up then.
fn shell(script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script, "sh"])
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    shell
}

/// A program run by somebody other than root, as PostgreSQL and `PgBouncer` demand.
pub(crate) fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", UNPRIVILEGED, "--regid", UNPRIVILEGED])
        .arg("--init-groups")
        .arg(program);
    command
}

pub(crate) fn is_root() -> bool {
    let me = Command::new("id")
        .arg("-u")
        .output()
        .expect("the program `id`");
    me.stdout.trim_ascii() == b"0"
}

/// The file in a server's folder that has what it prints.
pub(crate) fn log_in(folder: &Path) -> PathBuf {
    folder.join("server.log")
}

/// Waits until a server answers.
pub(crate) fn wait_until(responses: impl Fn() -> bool, log: &Path) {
    let start = Instant::now();
    while !responses() {
        if start.elapsed() > START_TIMEOUT {
            let log = std::fs::read_to_string(log).unwrap_or_default();
            let lines: Vec<_> = log.lines().rev().take(20).collect();
            panic!("a server for the tests does not answer; it said, last first: {lines:#?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Fails if a program is missing, in a sentence that says what to install.
pub(crate) fn require(program: &str, package: &str) {
    let found = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(
        found.is_ok(),
        "the tests start the program `{program}`, which is not here: install Debian's package \
         `{package}`"
    );
}

/// A port of the loopback interface that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

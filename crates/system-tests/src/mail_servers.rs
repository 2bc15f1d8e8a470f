//! Real mail servers: Postfix and Exim, of Debian's packages.
//!
//! Debian lets one of them be installed only, and starts it at once. So their packages are unpacked
//! into `target/mail-servers/` and started from there, with an account of the system's own
//! (`www-data`) in the place of those that an installation would make.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::build;
use crate::process::{OwnProcess, free_port, log_in, wait_until};

/// Unpacks the packages into the folder `$1`, once.
const UNPACK: &str = r#"
set -eu
[ -d "$1" ] && exit
mkdir -p "$1.new"
cd "$1.new"
download="apt-get download --quiet postfix exim4-daemon-light libidn12 libnss-wrapper"
$download || { apt-get update --quiet; $download; }
for package in *.deb; do dpkg -x "$package" .; done
rm ./*.deb
mv "$1.new" "$1"
"#;

/// The account `root`.
const ROOT: u32 = 0;

/// How long a mail may take from the server's answer to the mailbox.
const ARRIVAL: Duration = Duration::from_secs(30);

/// The programs, in the folders in which they would be installed.
fn programs() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let user = fs::metadata("/proc/self").unwrap().uid();
        assert_eq!(user, ROOT, "mail servers are started by root only");
        let folder = build::target().join("mail-servers");
        run(Command::new("sh").args(["-c", UNPACK, "sh"]).arg(&folder));
        folder
    });
    &FOLDER
}

/// A mail server that takes mails for `acme.example` from who greets by a fully-qualified name. It
/// runs as root, as it would on a machine of its own.
pub struct MailServer {
    port: u16,
    arrived: fn(&Path) -> Vec<Vec<u8>>,
    _process: OwnProcess,
    folder: TempDir,
}

impl MailServer {
    /// Postfix, which offers no encryption.
    pub fn postfix() -> Self {
        let (folder, port, programs) = (folder(), free_port(), programs());
        let at = folder.path().display();
        let root = programs.display();
        for name in ["etc", "spool", "data", "mail"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        run(Command::new("chown")
            .args(["www-data"])
            .args(["data", "mail"].map(|name| folder.path().join(name))));
        let main = format!(
            "compatibility_level = 3.6
queue_directory = {at}/spool
data_directory = {at}/data
command_directory = {root}/usr/sbin
daemon_directory = {root}/usr/lib/postfix/sbin
shlib_directory = {root}/usr/lib/postfix
meta_directory = {root}/etc/postfix
mail_owner = www-data
setgid_group = tape
myhostname = mail.test
mydestination =
alias_maps =
virtual_mailbox_domains = acme.example
virtual_mailbox_base = {at}/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:33
virtual_gid_maps = static:33
virtual_minimum_uid = 1
smtpd_helo_required = yes
smtpd_helo_restrictions = reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname
smtpd_sender_restrictions = reject_non_fqdn_sender
smtpd_recipient_restrictions = reject_unauth_destination
strict_rfc821_envelopes = yes
inet_interfaces = loopback-only
inet_protocols = ipv4
maillog_file = {at}/server.log
maillog_file_prefixes = {at}
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LD_LIBRARY_PATH
"
        );
        let services = format!(
            "127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"
        );
        let etc = folder.path().join("etc");
        fs::write(etc.join("main.cf"), main).unwrap();
        fs::write(etc.join("master.cf"), services).unwrap();
        let libraries = format!("LD_LIBRARY_PATH={root}/usr/lib/postfix");
        // makes the folders of the queue
        let postfix = programs.join("usr/sbin/postfix");
        run(Command::new("env")
            .arg(&libraries)
            .arg(postfix)
            .arg("-c")
            .arg(&etc)
            .arg("check"));
        let mut master = Command::new("env");
        master
            .arg(&libraries)
            .arg(programs.join("usr/lib/postfix/sbin/master"))
            .args(["-d", "-c"])
            .arg(&etc);
        Self::start(folder, port, &master, maildir)
    }

    /// Exim, which offers STARTTLS with a certificate that nobody signed, and keeps what it takes in
    /// its queue.
    pub fn exim() -> Self {
        let (folder, port, programs) = (folder(), free_port(), programs());
        let at = folder.path().display();
        fs::create_dir(folder.path().join("spool")).unwrap();
        run(Command::new("chown")
            .args(["-R", "www-data"])
            .arg(folder.path()));
        let settings = format!(
            "primary_hostname = mail.test
spool_directory = {at}/spool
log_file_path = {at}/%slog
pid_file_path = {at}/pid
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
exim_user = 33
exim_group = 33
queue_only = true
acl_smtp_helo = helo
acl_smtp_rcpt = recipient
begin acl
helo:
  deny message = need a fully-qualified name
       condition = ${{if match{{$sender_helo_name}}{{\\N^\\[|\\.\\N}}{{no}}{{yes}}}}
  accept
recipient:
  accept domains = acme.example
  deny message = relaying denied
"
        );
        let file = folder.path().join("exim.conf");
        fs::write(&file, settings).unwrap();
        // The program looks for the account that its package makes.
        for (name, entry) in [("passwd", "33:33::/:/bin/false"), ("group", "33:")] {
            let known = fs::read_to_string(format!("/etc/{name}")).unwrap();
            let known = format!("{known}Debian-exim:x:{entry}\n");
            fs::write(folder.path().join(name), known).unwrap();
        }
        let libraries = programs.join("usr/lib").join(architecture());
        let mut exim = Command::new("env");
        exim.arg(format!("LD_LIBRARY_PATH={}", libraries.display()))
            .arg(format!(
                "LD_PRELOAD={}/libnss_wrapper.so",
                libraries.display()
            ))
            .arg(format!("NSS_WRAPPER_PASSWD={at}/passwd"))
            .arg(format!("NSS_WRAPPER_GROUP={at}/group"))
            .arg(programs.join("usr/sbin/exim4"))
            .arg("-C")
            .arg(file)
            .arg("-bdf");
        Self::start(folder, port, &exim, queue)
    }

    fn start(
        folder: TempDir,
        port: u16,
        program: &Command,
        arrived: fn(&Path) -> Vec<Vec<u8>>,
    ) -> Self {
        let log = log_in(folder.path());
        let process = OwnProcess::start(program, "TERM", &log);
        let answers = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        wait_until(answers, &log);
        Self {
            port,
            arrived,
            _process: process,
            folder,
        }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The mails that it has taken, when there are `count`, in any order.
    pub fn arrived(&self, count: usize) -> Vec<Vec<u8>> {
        let start = Instant::now();
        loop {
            let mails = (self.arrived)(self.folder.path());
            if mails.len() >= count || start.elapsed() > ARRIVAL {
                return mails;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A folder that the server's own account may enter.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    run(Command::new("chmod").arg("755").arg(folder.path()));
    folder
}

/// The folder of this machine's libraries.
fn architecture() -> String {
    format!("{}-linux-gnu", std::env::consts::ARCH)
}

/// What Postfix has delivered.
fn maildir(folder: &Path) -> Vec<Vec<u8>> {
    files(&folder.join("mail/inbox/new"), "")
}

/// What Exim has queued, each mail in a file of headers, with some marks before each, and one of the
/// body below its own name.
fn queue(folder: &Path) -> Vec<Vec<u8>> {
    let folder = folder.join("spool/input");
    let bodies = files(&folder, "-D");
    let heads = files(&folder, "-H");
    let mails = heads.into_iter().zip(bodies);
    mails
        .map(|(head, body)| {
            let head = String::from_utf8(head).unwrap();
            let (_, head) = head.split_once("\n\n").unwrap();
            let mut mail = String::new();
            for line in head.lines() {
                let is_marked = line.as_bytes().first().is_some_and(u8::is_ascii_digit);
                let unmarked = line.split_at_checked(5).filter(|_| is_marked);
                mail.push_str(unmarked.map_or(line, |(_, rest)| rest));
                mail.push('\n');
            }
            mail.push('\n');
            let body = String::from_utf8(body).unwrap();
            mail.push_str(body.split_once('\n').unwrap().1);
            mail.into_bytes()
        })
        .collect()
}

/// The files of a folder whose names end in something, by name.
fn files(folder: &Path, end: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_string_lossy().ends_with(end));
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
}

//! A server as a process.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::client::Client;
use crate::eventually;

/// How a server is to be started.
#[derive(Clone)]
pub(crate) struct Launch {
    folder: PathBuf,
    variables: BTreeMap<&'static str, String>,
}

impl Launch {
    /// In a folder, on a free port, with passwords that cost nothing, and a proxy on this machine
    /// that is believed.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        let launch = Self {
            folder: folder.to_owned(),
            variables: BTreeMap::new(),
        };
        launch
            .set("PORTAL_BIND", "127.0.0.1:0")
            .set("PORTAL_ARGON2_MEMORY_KIB", "8")
            .set("PORTAL_ARGON2_ITERATIONS", "1")
            .set("TRUSTED_PROXY_CIDRS", "127.0.0.0/8")
    }

    /// With a variable.
    pub(crate) fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.insert(name, value.into());
        self
    }

    /// Starts a program, without waiting for anything.
    pub(crate) fn spawn(&self, program: &Path) -> Process {
        let mut child = Command::new(program)
            .current_dir(&self.folder)
            .env_clear()
            .envs(&self.variables)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::<Mutex<Vec<String>>>::default();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        std::thread::spawn({
            let said = Arc::clone(&said);
            move || lines.for_each(|line| said.lock().unwrap().push(line.unwrap()))
        });
        Process { child, said }
    }

    /// Starts a program, and waits until it listens.
    pub(crate) fn start(&self, program: &Path) -> Server {
        let mut process = self.spawn(program);
        let address = eventually("a server that listens", || {
            let exited = process.child.try_wait().unwrap();
            let said = process.said();
            assert!(exited.is_none(), "it has ended: {said:#?}");
            let mut said = said.iter();
            said.find_map(|line| line.strip_prefix("listening on http://")?.parse().ok())
        });
        Server {
            process,
            address,
            done: Arc::default(),
        }
    }
}

/// A program, running. It is killed, as by `kill -9`, when this is dropped.
pub(crate) struct Process {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
}

impl Process {
    /// The lines that it has printed so far.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What was done successfully: a method, and a path below the API's prefix.
pub(crate) type Deeds = Arc<Mutex<Vec<(&'static str, String)>>>;

/// A server that takes requests.
pub(crate) struct Server {
    process: Process,
    address: SocketAddr,
    done: Deeds,
}

impl Server {
    /// Somebody who is not signed in.
    pub(crate) fn client(&self) -> Client {
        Client::of(self.address, Arc::clone(&self.done))
    }

    /// Ends it as a supervisor does, which has to be a success.
    pub(crate) fn stop(mut self) {
        let pid = self.process.child.id().to_string();
        let kill = Command::new("kill").args(["-s", "TERM", &pid]).status();
        assert!(kill.unwrap().success());
        let status = self.process.child.wait().unwrap();
        assert!(status.success(), "{:#?}", self.process.said());
    }

    /// The operations, as `GET /tickets/{id}`, that its own description has.
    pub(crate) fn operations(&self) -> Vec<(String, String)> {
        let description = self.client().get("/openapi.json").json();
        let paths = description["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, operations)| {
            let path = path.strip_prefix("/api/v1/portal").unwrap();
            let methods = operations.as_object().unwrap().keys();
            methods.map(move |method| (method.to_uppercase(), path.to_owned()))
        });
        operations.collect()
    }

    /// Whether an operation was done here, whatever its parameters were.
    pub(crate) fn has_done(&self, method: &str, template: &str) -> bool {
        let done = self.done.lock().unwrap();
        done.iter().any(|(done, path)| {
            let path = path.split('?').next().unwrap_or_default();
            let (parts, wanted) = (path.split('/'), template.split('/'));
            let is_fixed = |path: &str| path == "/tickets/forms" || path == "/assets/checkouts";
            *done == method
                && is_fixed(path) == is_fixed(template)
                && parts.clone().count() == wanted.clone().count()
                && parts
                    .zip(wanted)
                    .all(|(part, wanted)| wanted.starts_with('{') || part == wanted)
        })
    }

    /// Fails if it has logged an error.
    pub(crate) fn assert_no_errors(&self) {
        let said = self.process.said();
        let errors: Vec<_> = said
            .iter()
            .filter(|line| line.contains(" ERROR "))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    /// Where it takes requests.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it notes what was done.
    pub(crate) fn done(&self) -> Deeds {
        Arc::clone(&self.done)
    }
}

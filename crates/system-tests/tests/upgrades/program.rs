//! A server that notes which operations succeeded.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use portal_test_support::program::{self, Launch};

use crate::client::Client;

/// Successful operations: a method, and a path below the API's prefix.
pub(crate) type Operations = Arc<Mutex<Vec<(&'static str, String)>>>;

/// A server that takes requests.
pub(crate) struct Server {
    process: program::Server,
    done: Operations,
}

impl Server {
    /// Starts a program, and waits until it listens.
    pub(crate) async fn start(launch: &Launch, program: &Path) -> Self {
        Self {
            process: launch.clone().program(program).start().await,
            done: Arc::default(),
        }
    }

    /// A client that is not signed in.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.address(), self.done())
    }

    /// Ends it as a supervisor does, which has to be a success.
    pub(crate) async fn stop(self) {
        self.process.stopped_by("TERM").await;
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
        self.process.address()
    }

    /// Where it notes what was done.
    pub(crate) fn done(&self) -> Operations {
        Arc::clone(&self.done)
    }
}

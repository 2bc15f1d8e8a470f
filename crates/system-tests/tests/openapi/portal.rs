//! The portal behind a listener, over a clock that stands still.

use std::net::SocketAddr;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use portal_domain::devices::{self, DeviceRecord, DeviceStatus, OsType};
use portal_test_support::{Caller as _, TestApp};
use serde_json::Value;

/// The portal with the organizations of [`TestApp`], and with devices to be borrowed at `acme`.
pub(crate) struct Portal {
    pub(crate) app: TestApp,
    pub(crate) url: String,
    handle: ServerHandle,
}

impl Portal {
    pub(crate) async fn start() -> Self {
        // So that a client can come from another address with every request.
        let app = TestApp::with(|config| {
            config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        })
        .await;
        for number in 0..10 {
            lend(&app, number).await;
        }
        app.own_domain(&app.acme, "support.acme.example").await;
        let portal = Data::clone(&app.portal);
        let server = HttpServer::new(move || portal_http::app(Data::clone(&portal), None))
            .workers(1)
            .disable_signals()
            .bind("127.0.0.1:0")
            .unwrap();
        let address: SocketAddr = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self {
            app,
            url: format!("http://{address}"),
            handle,
        }
    }

    /// The OpenAPI document.
    pub(crate) async fn document(&self) -> Value {
        self.app.anonymous().get("/openapi.json").await.json()
    }

    pub(crate) async fn stop(self) {
        self.handle.stop(false).await;
        drop(self.app);
    }
}

async fn lend(app: &TestApp, number: u32) {
    let record = DeviceRecord {
        hostname: format!("loan-{number:02}").parse().unwrap(),
        display_name: None,
        os_type: OsType::Linux,
        os_version: "6.12".parse().unwrap(),
        status: DeviceStatus::Online,
        last_seen_at: None,
        is_ephemeral: false,
        is_loanable: true,
    };
    app.operate(&app.acme, async |op| devices::upsert(op, record).await)
        .await;
}

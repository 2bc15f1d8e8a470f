//! Redis.

use anyhow::Context as _;
use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::{Client, Cmd, Value};
use tokio::sync::OnceCell;

/// A worker's connection to Redis, which its requests share.
pub(super) struct Redis {
    url: Option<String>,
    connection: OnceCell<MultiplexedConnection>,
}

impl Redis {
    pub(super) const fn new(url: Option<String>) -> Self {
        Self {
            url,
            connection: OnceCell::const_new(),
        }
    }

    pub(super) async fn run(&self, command: &Cmd) -> anyhow::Result<()> {
        let connection = self.connection.get_or_try_init(|| self.connect()).await?;
        let answer: Value = command.query_async(&mut connection.clone()).await?;
        std::hint::black_box(answer);
        Ok(())
    }

    async fn connect(&self) -> anyhow::Result<MultiplexedConnection> {
        let url = self.url.as_deref().context("no Redis")?;
        let client = Client::open(url)?;
        Ok(client.get_multiplexed_async_connection().await?)
    }
}

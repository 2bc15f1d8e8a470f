//! Connects as [`Config`] says, on a [`Socket`]. The driver's own `connect` has sockets of its own.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use rand::seq::SliceRandom as _;
use socket2::TcpKeepalive;
use tokio::net::lookup_host;
use tokio::time::timeout;
use tokio_postgres::config::{Host, LoadBalanceHosts, TargetSessionAttrs};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{CancelToken, Client, Config, NoTls};

use super::address::Address;
use super::connection::ConnectError;
use super::driver::Driver;
use super::socket::Socket;

/// One of the places at which the address says a server may be.
#[derive(Debug, PartialEq, Eq)]
struct Server {
    place: Place,
    /// The name that its certificate has.
    name: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Place {
    Tcp(String, u16),
    Unix(PathBuf),
}

/// Where a server was found.
enum Peer {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// A new connection.
pub(super) struct Connected {
    pub(super) client: Client,
    pub(super) driver: Driver,
    pub(super) canceller: Canceller,
}

/// Asks the server to cancel what it does on one connection.
pub(super) struct Canceller {
    token: CancelToken,
    peer: Peer,
    /// The name that the server's certificate has.
    name: Option<String>,
}

impl Canceller {
    /// Sends the request, by the address that the connection was made by. The server does not say
    /// what came of it.
    pub(super) async fn cancel(&self, address: &Address) -> Result<(), ConnectError> {
        match address.tls.clone() {
            None => self.cancel_with(NoTls, &address.config).await,
            Some(tls) => self.cancel_with(tls, &address.config).await,
        }
    }

    async fn cancel_with<T>(&self, tls: T, config: &Config) -> Result<(), ConnectError>
    where
        T: MakeTlsConnect<Socket>,
    {
        let socket = self.peer.connect(config).await?;
        let tls = tls_to(self.name.as_deref(), tls)?;
        Ok(self.token.cancel_query_raw(socket, tls).await?)
    }
}

/// Connects to the first server of the address that answers and is of the wanted kind.
pub(super) async fn connect(address: &Address) -> Result<Connected, ConnectError> {
    let mut servers = servers(&address.config)?;
    let is_random = address.config.get_load_balance_hosts() == LoadBalanceHosts::Random;
    if is_random {
        servers.shuffle(&mut rand::rng());
    }
    let mut failure = ConnectError::NoServer;
    for server in servers {
        match connect_to(&server, address, is_random).await {
            Ok(connected) => return Ok(connected),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn servers(config: &Config) -> Result<Vec<Server>, ConnectError> {
    let (hosts, addresses, ports) = (
        config.get_hosts(),
        config.get_hostaddrs(),
        config.get_ports(),
    );
    let count = hosts.len().max(addresses.len());
    let fits = |length: usize, least: usize| length <= least || length == count;
    if count == 0 || !(fits(hosts.len(), 0) && fits(addresses.len(), 0) && fits(ports.len(), 1)) {
        return Err(ConnectError::NoServer);
    }
    let server = |index: usize| {
        let port = ports.get(index).or_else(|| ports.first());
        let port = port.copied().unwrap_or(5432);
        let name = match hosts.get(index) {
            Some(Host::Tcp(name)) => Some(name.clone()),
            Some(Host::Unix(_)) | None => None,
        };
        let place = match (addresses.get(index), hosts.get(index)) {
            (Some(address), _) => Place::Tcp(address.to_string(), port),
            (None, Some(Host::Tcp(name))) => Place::Tcp(name.clone(), port),
            (None, Some(Host::Unix(folder))) => {
                Place::Unix(folder.join(format!(".s.PGSQL.{port}")))
            }
            (None, None) => return Err(ConnectError::NoServer),
        };
        Ok(Server { place, name })
    };
    (0..count).map(server).collect()
}

async fn connect_to(
    server: &Server,
    address: &Address,
    is_random: bool,
) -> Result<Connected, ConnectError> {
    let mut failure = ConnectError::NoServer;
    for peer in peers(&server.place, is_random).await? {
        match start(peer, server, address).await {
            Ok(connected) => return Ok(connected),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

async fn peers(place: &Place, is_random: bool) -> io::Result<Vec<Peer>> {
    match place {
        Place::Unix(path) => Ok(vec![Peer::Unix(path.clone())]),
        Place::Tcp(host, port) => {
            let addresses = lookup_host((host.as_str(), *port)).await?;
            let mut peers: Vec<_> = addresses.map(Peer::Tcp).collect();
            if is_random {
                peers.shuffle(&mut rand::rng());
            }
            Ok(peers)
        }
    }
}

impl Peer {
    async fn connect(&self, config: &Config) -> Result<Socket, ConnectError> {
        match self {
            Self::Unix(path) => in_time(config, Socket::connect_unix(path)).await,
            Self::Tcp(address) => {
                let socket = in_time(config, Socket::connect_tcp(*address)).await?;
                watch(&socket, config)?;
                Ok(socket)
            }
        }
    }
}

async fn in_time(
    config: &Config,
    connecting: impl Future<Output = io::Result<Socket>>,
) -> Result<Socket, ConnectError> {
    match config.get_connect_timeout() {
        None => Ok(connecting.await?),
        Some(limit) => Ok(timeout(*limit, connecting).await??),
    }
}

/// Has the system find out whether the server is still there.
fn watch(socket: &Socket, config: &Config) -> io::Result<()> {
    let Some(options) = socket.options() else {
        return Ok(());
    };
    #[cfg(target_os = "linux")]
    if let Some(limit) = config.get_tcp_user_timeout() {
        options.set_tcp_user_timeout(Some(*limit))?;
    }
    if config.get_keepalives() {
        let mut keepalive = TcpKeepalive::new().with_time(config.get_keepalives_idle());
        if let Some(interval) = config.get_keepalives_interval() {
            keepalive = keepalive.with_interval(interval);
        }
        if let Some(retries) = config.get_keepalives_retries() {
            keepalive = keepalive.with_retries(retries);
        }
        options.set_tcp_keepalive(&keepalive)?;
    }
    Ok(())
}

/// Connects and signs in.
async fn start(peer: Peer, server: &Server, address: &Address) -> Result<Connected, ConnectError> {
    match address.tls.clone() {
        None => start_with(NoTls, peer, server, &address.config).await,
        Some(tls) => start_with(tls, peer, server, &address.config).await,
    }
}

async fn start_with<T>(
    tls: T,
    peer: Peer,
    server: &Server,
    config: &Config,
) -> Result<Connected, ConnectError>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let socket = peer.connect(config).await?;
    let tls = tls_to(server.name.as_deref(), tls)?;
    let (client, connection) = config.connect_raw(socket, tls).await?;
    let connected = Connected {
        canceller: Canceller {
            token: client.cancel_token(),
            peer,
            name: server.name.clone(),
        },
        client,
        driver: Driver::new(connection),
    };
    if config.get_target_session_attrs() == TargetSessionAttrs::Any {
        return Ok(connected);
    }
    let ask = connected
        .client
        .query_one("SHOW transaction_read_only", &[]);
    let asked = connected.driver.drive(ask);
    let is_read_only = asked.await?.try_get::<_, &str>(0)? == "on";
    match (config.get_target_session_attrs(), is_read_only) {
        (TargetSessionAttrs::ReadWrite, true) => Err(ConnectError::ReadOnly),
        (TargetSessionAttrs::ReadOnly, false) => Err(ConnectError::Writable),
        _ => Ok(connected),
    }
}

/// Encrypts a connection to the server of this name, if anything does.
fn tls_to<T: MakeTlsConnect<Socket>>(
    name: Option<&str>,
    mut tls: T,
) -> Result<T::TlsConnect, ConnectError> {
    tls.make_tls_connect(name.unwrap_or_default())
        .map_err(|error| ConnectError::Tls(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers_of(address: &str) -> Result<Vec<Server>, ConnectError> {
        servers(&address.parse().unwrap())
    }

    fn tcp(place: &str, port: u16, name: Option<&str>) -> Server {
        Server {
            place: Place::Tcp(place.to_owned(), port),
            name: name.map(str::to_owned),
        }
    }

    #[test]
    fn an_address_may_name_several_servers() {
        let one = servers_of("postgres://app@db/portal").unwrap();
        assert_eq!(one, [tcp("db", 5432, Some("db"))]);
        let several = servers_of("postgres://app@one:1,two:2/portal").unwrap();
        assert_eq!(
            several,
            [tcp("one", 1, Some("one")), tcp("two", 2, Some("two"))]
        );
        let by_number = servers_of("host=one,two hostaddr=192.0.2.1,192.0.2.2 port=7").unwrap();
        let expected = [
            tcp("192.0.2.1", 7, Some("one")),
            tcp("192.0.2.2", 7, Some("two")),
        ];
        assert_eq!(by_number, expected);
        let unnamed = servers_of("hostaddr=192.0.2.1").unwrap();
        assert_eq!(unnamed, [tcp("192.0.2.1", 5432, None)]);
        let socket = servers_of("postgres://app@%2Frun%2Fpostgresql/portal").unwrap();
        let place = Place::Unix(PathBuf::from("/run/postgresql/.s.PGSQL.5432"));
        assert_eq!(socket, [Server { place, name: None }]);
    }

    #[test]
    fn lists_of_different_lengths_name_no_server() {
        for address in [
            "user=app",
            "host=one,two hostaddr=192.0.2.1",
            "host=one,two,three port=1,2",
        ] {
            let found = servers_of(address);
            assert!(matches!(found, Err(ConnectError::NoServer)), "{address}");
        }
    }
}

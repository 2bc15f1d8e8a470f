//! Connects as [`Config`] says, on a [`Socket`]. The driver's own `connect` has sockets of its own.

use std::io;
use std::path::PathBuf;

use rand::seq::SliceRandom as _;
use socket2::TcpKeepalive;
use tokio::net::lookup_host;
use tokio::time::timeout;
use tokio_postgres::config::{Host, LoadBalanceHosts, TargetSessionAttrs};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, NoTls};

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

/// Connects to the first server of the address that answers and is of the wanted kind.
pub(super) async fn connect(address: &Address) -> Result<(Client, Driver), ConnectError> {
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
) -> Result<(Client, Driver), ConnectError> {
    let config = &address.config;
    match &server.place {
        Place::Unix(path) => {
            let socket = in_time(config, Socket::connect_unix(path)).await?;
            start(socket, server, address).await
        }
        Place::Tcp(host, port) => {
            let mut addresses: Vec<_> = lookup_host((host.as_str(), *port)).await?.collect();
            if is_random {
                addresses.shuffle(&mut rand::rng());
            }
            let mut failure = ConnectError::NoServer;
            for one in addresses {
                let connected = async {
                    let socket = in_time(config, Socket::connect_tcp(one)).await?;
                    watch(&socket, config)?;
                    start(socket, server, address).await
                };
                match connected.await {
                    Ok(connected) => return Ok(connected),
                    Err(error) => failure = error,
                }
            }
            Err(failure)
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

/// Signs in on a socket.
async fn start(
    socket: Socket,
    server: &Server,
    address: &Address,
) -> Result<(Client, Driver), ConnectError> {
    match address.tls.clone() {
        None => start_with(NoTls, socket, server, &address.config).await,
        Some(tls) => start_with(tls, socket, server, &address.config).await,
    }
}

async fn start_with<T>(
    mut tls: T,
    socket: Socket,
    server: &Server,
    config: &Config,
) -> Result<(Client, Driver), ConnectError>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let name = server.name.as_deref();
    let tls = tls
        .make_tls_connect(name.unwrap_or_default())
        .map_err(|error| ConnectError::Tls(error.into()))?;
    let (client, connection) = config.connect_raw(socket, tls).await?;
    let driver = Driver::new(connection);
    if config.get_target_session_attrs() == TargetSessionAttrs::Any {
        return Ok((client, driver));
    }
    let asked = driver.drive(client.query_one("SHOW transaction_read_only", &[]));
    let is_read_only = asked.await?.try_get::<_, &str>(0)? == "on";
    match (config.get_target_session_attrs(), is_read_only) {
        (TargetSessionAttrs::ReadWrite, true) => Err(ConnectError::ReadOnly),
        (TargetSessionAttrs::ReadOnly, false) => Err(ConnectError::Writable),
        _ => Ok((client, driver)),
    }
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

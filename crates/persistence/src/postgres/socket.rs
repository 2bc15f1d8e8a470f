//! A socket that is registered with the runtime of whoever uses it.
//!
//! Tokio registers a socket with the runtime that opened it, whose thread then learns of each
//! answer and has to wake the one that waits. And a web server's workers end one after the other,
//! each with its runtime.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, ToSocketAddrs, UnixStream};
use tokio::runtime::{Handle, Id};

/// A connected socket.
pub(super) struct Socket {
    /// Absent only if it could not be registered anew.
    stream: Option<Stream>,
    /// Where it is registered.
    runtime: Id,
}

enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Socket {
    /// Connects to one of the addresses, without Nagle's delays.
    pub(super) async fn connect_tcp(addresses: impl ToSocketAddrs) -> io::Result<Self> {
        let stream = TcpStream::connect(addresses).await?;
        stream.set_nodelay(true)?;
        Ok(Self::new(Stream::Tcp(stream)))
    }

    pub(super) async fn connect_unix(path: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(path).await?;
        Ok(Self::new(Stream::Unix(stream)))
    }

    fn new(stream: Stream) -> Self {
        Self {
            stream: Some(stream),
            runtime: Handle::current().id(),
        }
    }

    /// For options of the socket itself.
    pub(super) fn options(&self) -> Option<SockRef<'_>> {
        Some(match self.stream.as_ref()? {
            Stream::Tcp(stream) => SockRef::from(stream),
            Stream::Unix(stream) => SockRef::from(stream),
        })
    }

    /// The socket, registered with the current runtime.
    fn here(&mut self) -> io::Result<&mut Stream> {
        let here = Handle::current().id();
        if here != self.runtime {
            let stream = self.stream.take().ok_or_else(closed)?;
            self.stream = Some(stream.register()?);
            self.runtime = here;
        }
        self.stream.as_mut().ok_or_else(closed)
    }
}

impl Stream {
    /// Registers it with the current runtime instead.
    ///
    /// # Errors
    ///
    /// Also for a socket that the server has closed, since a new registration tells of that only
    /// later.
    fn register(self) -> io::Result<Self> {
        Ok(match self {
            Self::Tcp(stream) => {
                let stream = stream.into_std()?;
                check_open(&SockRef::from(&stream))?;
                Self::Tcp(TcpStream::from_std(stream)?)
            }
            Self::Unix(stream) => {
                let stream = stream.into_std()?;
                check_open(&SockRef::from(&stream))?;
                Self::Unix(UnixStream::from_std(stream)?)
            }
        })
    }
}

fn check_open(socket: &SockRef<'_>) -> io::Result<()> {
    match socket.peek(&mut [std::mem::MaybeUninit::uninit()]) {
        Ok(0) => Err(closed()),
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn closed() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// Calls a method of the stream, whichever it is.
macro_rules! on_stream {
    ($socket:expr, $method:ident $(, $argument:expr)*) => {
        match $socket.get_mut().here() {
            Ok(Stream::Tcp(stream)) => Pin::new(stream).$method($($argument),*),
            Ok(Stream::Unix(stream)) => Pin::new(stream).$method($($argument),*),
            Err(error) => Poll::Ready(Err(error)),
        }
    };
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        on_stream!(self, poll_read, cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        on_stream!(self, poll_write, cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_stream!(self, poll_flush, cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_stream!(self, poll_shutdown, cx)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::net::UnixListener;

    use futures_util::FutureExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().build().unwrap()
    }

    /// Says it on the socket, and hears it from there.
    async fn echo(socket: &mut Socket, peer: &mut (impl io::Read + io::Write), word: &[u8; 4]) {
        socket.write_all(word).await.unwrap();
        let mut heard = [0; 4];
        peer.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, word);
        peer.write_all(&heard).unwrap();
        socket.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, word);
    }

    #[test]
    fn a_socket_works_in_every_runtime_even_if_earlier_ones_are_over() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut socket = runtime().block_on(Socket::connect_tcp(address)).unwrap();
        let mut peer = listener.accept().unwrap().0;
        let (one, other) = (runtime(), runtime());
        one.block_on(echo(&mut socket, &mut peer, b"one "));
        other.block_on(echo(&mut socket, &mut peer, b"two "));
        one.block_on(echo(&mut socket, &mut peer, b"back"));

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let mut socket = runtime().block_on(Socket::connect_unix(&path)).unwrap();
        let mut peer = listener.accept().unwrap().0;
        one.block_on(echo(&mut socket, &mut peer, b"unix"));
    }

    #[test]
    fn another_runtime_learns_at_once_that_a_socket_is_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut socket = runtime().block_on(Socket::connect_tcp(address)).unwrap();
        drop(listener.accept().unwrap());
        runtime().block_on(async {
            // Without waiting for the runtime to tell of it.
            let error = socket.read_u8().now_or_never().unwrap().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        });
    }
}

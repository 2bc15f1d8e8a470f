//! A socket that is registered with the runtime of whoever uses it.
//!
//! Tokio registers a socket with the runtime that opened it, whose thread then learns of each
//! answer and has to wake the one that waits. And a web server's workers end one after the other,
//! each with its runtime.

use std::io::{self, Read as _, Write as _};
use std::mem;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::{Handle, Id};

/// A connected socket.
pub(super) struct Socket {
    /// Absent only if it could not be registered anew.
    stream: Option<Stream>,
    /// Where it is registered.
    runtime: Id,
    /// Whether the runtime does not know yet if there is something to read, or room to write.
    is_new_to_read: bool,
    is_new_to_write: bool,
}

enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Socket {
    /// Connects without Nagle's delays.
    pub(super) async fn connect_tcp(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
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
            is_new_to_read: false,
            is_new_to_write: false,
        }
    }

    /// For options of the socket itself.
    pub(super) fn options(&self) -> Option<SockRef<'_>> {
        self.stream.as_ref().map(Stream::socket)
    }

    /// The socket, registered with the current runtime, and whether that is new to what is done.
    fn here(
        &mut self,
        is_new: impl FnOnce(&mut Self) -> &mut bool,
    ) -> io::Result<(&mut Stream, bool)> {
        let here = Handle::current().id();
        if here != self.runtime {
            let stream = self.stream.take().ok_or(io::ErrorKind::NotConnected)?;
            self.stream = Some(stream.register()?);
            self.runtime = here;
            self.is_new_to_read = true;
            self.is_new_to_write = true;
        }
        let is_new = mem::take(is_new(self));
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        Ok((stream, is_new))
    }

    fn poll_read_here(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (stream, is_new) = self.here(|socket| &mut socket.is_new_to_read)?;
        if is_new {
            match (&*stream.socket()).read(buf.initialize_unfilled()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => {
                    buf.advance(read?);
                    return Poll::Ready(Ok(()));
                }
            }
        }
        match stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }

    fn poll_write_here(&mut self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let (stream, is_new) = self.here(|socket| &mut socket.is_new_to_write)?;
        if is_new {
            match (&*stream.socket()).write(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
        match stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Unix(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }
}

impl Stream {
    fn socket(&self) -> SockRef<'_> {
        match self {
            Self::Tcp(stream) => SockRef::from(stream),
            Self::Unix(stream) => SockRef::from(stream),
        }
    }

    /// Registers it with the current runtime instead.
    fn register(self) -> io::Result<Self> {
        Ok(match self {
            Self::Tcp(stream) => Self::Tcp(TcpStream::from_std(stream.into_std()?)?),
            Self::Unix(stream) => Self::Unix(UnixStream::from_std(stream.into_std()?)?),
        })
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.get_mut().poll_read_here(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_write_here(cx, buf)
    }

    /// Nothing is buffered here.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (stream, _) = self.get_mut().here(|socket| &mut socket.is_new_to_write)?;
        match stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
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

//! Sockets: listening, accepting, stopping.

use std::future::Future;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::connection::{self, Stop};
use crate::{Listener, Server, ServerError};

/// How long to wait when the system cannot accept a connection (no file descriptors left).
const BREATH: Duration = Duration::from_millis(100);

/// A socket that is listened on.
#[derive(Debug)]
pub struct Socket(Kind);

#[derive(Debug)]
enum Kind {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

impl Socket {
    /// Listens on a host and port, or, if the host begins with `unix:`, on the socket file named
    /// behind it. An empty host means all interfaces.
    ///
    /// # Errors
    /// [`ServerError::Bind`]
    pub async fn bind(host: &str, port: u16) -> Result<Self, ServerError> {
        let failed = |address: String| move |source| ServerError::Bind { address, source };
        if let Some(path) = host.strip_prefix("unix:") {
            let path = PathBuf::from(path);
            remove_stale(&path).await;
            let listener = UnixListener::bind(&path).map_err(failed(host.to_owned()))?;
            return Ok(Self(Kind::Unix(listener, path)));
        }
        let address = format!("{host}:{port}");
        let bound = if host.is_empty() {
            match TcpListener::bind(("::", port)).await {
                // A machine without IPv6.
                Err(error) if error.kind() != std::io::ErrorKind::AddrInUse => {
                    TcpListener::bind(("0.0.0.0", port)).await
                }
                bound => bound,
            }
        } else {
            TcpListener::bind((host.trim_matches(['[', ']']), port)).await
        };
        Ok(Self(Kind::Tcp(bound.map_err(failed(address))?)))
    }

    /// Takes a listener that is bound already.
    #[must_use]
    pub fn from_tcp(listener: TcpListener) -> Self {
        Self(Kind::Tcp(listener))
    }

    /// Where it listens: an address with its port, or a path.
    #[must_use]
    pub fn address(&self) -> String {
        match &self.0 {
            Kind::Tcp(listener) => listener
                .local_addr()
                .map(|address| address.to_string())
                .unwrap_or_default(),
            Kind::Unix(_, path) => format!("unix:{}", path.display()),
        }
    }
}

/// Removes the file of a socket that nobody listens on any more.
async fn remove_stale(path: &Path) {
    if tokio::net::UnixStream::connect(path).await.is_err()
        && let Ok(meta) = tokio::fs::symlink_metadata(path).await
        && meta.file_type().is_socket()
    {
        // If it cannot be removed, binding will say so.
        let _ = tokio::fs::remove_file(path).await;
    }
}

/// Serves until `shutdown` is ready, then accepts no more, lets requests in flight finish for
/// [`crate::Limits::drain`], and returns.
pub async fn serve(
    server: Arc<Server>,
    sockets: Vec<(Listener, Socket)>,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopped) = watch::channel(false);
    let mut listeners = JoinSet::new();
    for (listener, socket) in sockets {
        tracing::info!(
            http.listener = listener.as_str(),
            address = socket.address(),
            "listening"
        );
        listeners.spawn(accept(
            server.clone(),
            listener,
            socket,
            Stop(stopped.clone()),
        ));
    }
    shutdown.await;
    tracing::info!("stopping");
    drop(stopped);
    // Nobody listening any more means that all have stopped.
    let _ = stop.send(true);
    while let Some(ended) = listeners.join_next().await {
        report(ended);
    }
}

async fn accept(server: Arc<Server>, listener: Listener, socket: Socket, mut stop: Stop) {
    let room = Arc::new(Semaphore::new(server.limits().connections));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stop.told() => break,
            Some(ended) = connections.join_next() => report(ended),
            accepted = next(&socket, &room) => match accepted {
                Ok((stream, place)) => {
                    let (server, stop) = (server.clone(), stop.clone());
                    connections.spawn(async move {
                        let _place = place;
                        match stream {
                            Stream::Tcp(stream) => connection::run(server, listener, stream, stop).await,
                            Stream::Unix(stream) => connection::run(server, listener, stream, stop).await,
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection cannot be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            },
        }
    }
    close(socket).await;
    let drained = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    if tokio::time::timeout(server.limits().drain, drained)
        .await
        .is_err()
    {
        tracing::warn!(
            connections = connections.len(),
            "some requests did not finish in time"
        );
        connections.shutdown().await;
    }
}

enum Stream {
    Tcp(tokio::net::TcpStream),
    Unix(tokio::net::UnixStream),
}

/// The next connection, as soon as there is room for it.
async fn next(
    socket: &Socket,
    room: &Arc<Semaphore>,
) -> std::io::Result<(Stream, tokio::sync::OwnedSemaphorePermit)> {
    let place = room
        .clone()
        .acquire_owned()
        .await
        .map_err(std::io::Error::other)?;
    let stream = match &socket.0 {
        Kind::Tcp(listener) => {
            let (stream, _) = listener.accept().await?;
            // An answer is one small write; waiting for more would only delay it.
            stream.set_nodelay(true)?;
            Stream::Tcp(stream)
        }
        Kind::Unix(listener, _) => Stream::Unix(listener.accept().await?.0),
    };
    Ok((stream, place))
}

async fn close(socket: Socket) {
    if let Kind::Unix(listener, path) = socket.0 {
        drop(listener);
        let _ = tokio::fs::remove_file(path).await;
    }
}

/// A panic costs the connection that it happened on, nothing else.
fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a request panicked; its connection is closed");
    }
}

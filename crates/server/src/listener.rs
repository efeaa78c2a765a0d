//! Sockets: listening, accepting, stopping.

use std::future::Future;
use std::io;
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

/// A listener and the address that it is bound to.
#[derive(Debug)]
pub struct Bound {
    listener: Listener,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

impl Bound {
    /// Listens on a host and port; an empty host means all interfaces.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub async fn tcp(listener: Listener, host: &str, port: u16) -> io::Result<Self> {
        let host = host.trim_matches(['[', ']']);
        let bound = if host.is_empty() {
            match TcpListener::bind(("::", port)).await {
                // A machine without IPv6.
                Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                    TcpListener::bind(("0.0.0.0", port)).await
                }
                bound => bound,
            }
        } else {
            TcpListener::bind((host, port)).await
        };
        Ok(Self {
            listener,
            socket: Socket::Tcp(bound?),
        })
    }

    /// Listens on a Unix socket. A file that nobody listens on any more is replaced; the file goes
    /// when the server stops.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub async fn unix(listener: Listener, path: PathBuf) -> io::Result<Self> {
        remove_stale(&path).await;
        let socket = Socket::Unix(UnixListener::bind(&path)?, path);
        Ok(Self { listener, socket })
    }

    /// Where it listens: an address with its port, or the path of a Unix socket.
    #[must_use]
    pub fn address(&self) -> String {
        match &self.socket {
            Socket::Tcp(listener) => listener
                .local_addr()
                .map(|address| address.to_string())
                .unwrap_or_default(),
            Socket::Unix(_, path) => format!("unix:{}", path.display()),
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

/// Serves on all sockets until `stop` is ready, and for `drain` what is in flight then.
pub(crate) async fn serve(
    server: &Server,
    bound: Vec<Bound>,
    stop: impl Future<Output = ()>,
    drain: Duration,
) -> Result<(), ServerError> {
    let (told, stopped) = watch::channel(false);
    let mut listeners = JoinSet::new();
    for bound in bound {
        let (listener, address) = (bound.listener.name(), bound.address());
        tracing::info!(http.listener = listener, address, "listening");
        listeners.spawn(accept(server.clone(), bound, Stop(stopped.clone()), drain));
    }
    drop(stopped);
    stop.await;
    // Nobody listening any more means that all have stopped.
    let _ = told.send(true);
    let mut outcome = Ok(());
    while let Some(ended) = listeners.join_next().await {
        outcome = outcome.and(ended.map_err(ServerError::Listener));
    }
    outcome
}

async fn accept(server: Server, bound: Bound, mut stop: Stop, drain: Duration) {
    let Bound { listener, socket } = bound;
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
    if tokio::time::timeout(drain, drained).await.is_err() {
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
) -> io::Result<(Stream, tokio::sync::OwnedSemaphorePermit)> {
    let place = room
        .clone()
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let stream = match socket {
        Socket::Tcp(listener) => {
            let (stream, _) = listener.accept().await?;
            // An answer is one small write; waiting for more would only delay it.
            stream.set_nodelay(true)?;
            Stream::Tcp(stream)
        }
        Socket::Unix(listener, _) => Stream::Unix(listener.accept().await?.0),
    };
    Ok((stream, place))
}

async fn close(socket: Socket) {
    if let Socket::Unix(listener, path) = socket {
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

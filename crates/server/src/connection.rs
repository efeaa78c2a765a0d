//! One connection: HTTP/1.1 with the time limits of [`crate::Limits`].

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::extract::Body;
use crate::timed_io::{Phase, Phases, TimedIo};
use crate::{Listener, Server, respond};

/// Tells a connection to end after the request that it is serving.
#[derive(Clone)]
pub(crate) struct Stop(pub(crate) watch::Receiver<bool>);

impl Stop {
    /// Waits until that is told. That nobody is left who could tell counts as well.
    pub(crate) async fn told(&mut self) {
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

/// Serves a connection until either side has enough.
pub(crate) async fn run<S>(server: Arc<Server>, listener: Listener, stream: S, mut stop: Stop)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = *server.limits();
    let phases = Arc::new(Phases::new());
    let io = TokioIo::new(TimedIo::new(stream, phases.clone(), limits));
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let (server, phases) = (server.clone(), phases.clone());
        async move {
            let arrived_by = phases.request_deadline(limits.read);
            phases.enter(Phase::Busy);
            let (head, body) = request.into_parts();
            let read = tokio::time::timeout_at(arrived_by, read_body(body, limits.body_bytes));
            let body = read.await.map_err(|_| BodyFault)?.map_err(|_| BodyFault)?;
            let mut unread = matches!(body, Body::TooLarge);
            let mut response = if let Some(fault) = host_fault(head.version, &head.headers) {
                unread = true;
                respond::plain_error(StatusCode::BAD_REQUEST, fault)
            } else {
                server.answer(listener, head, body).await
            };
            if unread {
                // What is left of the body would be taken for the next request.
                let close = http::HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            phases.enter(Phase::Idle);
            Ok::<_, BodyFault>(response.map(Full::new))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Its clock also runs while a connection is idle; `TimedIo` tells the two apart.
        .header_read_timeout(None)
        .max_buf_size(limits.head_bytes)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.told() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Peers come and go; none of this is our trouble.
        tracing::debug!(%error, "a connection ended early");
    }
}

/// What is wrong with the `Host` of a request, in the words of Go's server (RFC 9112 §3.2: whatever
/// stands in front may have understood another one than we do).
fn host_fault(version: Version, headers: &HeaderMap) -> Option<&'static str> {
    match headers.get_all(header::HOST).iter().count() {
        0 if version >= Version::HTTP_11 => Some("400 Bad Request: missing required Host header"),
        0 | 1 => None,
        _ => Some("400 Bad Request: too many Host headers"),
    }
}

/// A body that did not arrive, or not in time; the connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the body of a request did not arrive in time")]
struct BodyFault;

/// Reads a whole body, up to a limit.
async fn read_body(body: Incoming, limit: usize) -> Result<Body, hyper::Error> {
    if body.size_hint().exact() == Some(0) {
        return Ok(Body::Whole(Bytes::new()));
    }
    if body.size_hint().lower() > limit as u64 {
        return Ok(Body::TooLarge);
    }
    match Limited::new(body, limit).collect().await {
        Ok(whole) => Ok(Body::Whole(whole.to_bytes())),
        Err(error) => match error.downcast::<hyper::Error>() {
            Ok(error) => Err(*error),
            Err(other) => {
                debug_assert!(other.is::<LengthLimitError>());
                Ok(Body::TooLarge)
            }
        },
    }
}

use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use oauth_types::SystemClock;
use tokio::{net::TcpListener, sync::Semaphore};

use crate::{DemoClient, DemoConfig, DemoError, app::App, routes};

const MOST_CONNECTIONS: usize = 256;
const HEADER_TIME_LIMIT: Duration = Duration::from_secs(10);
const GRACE: Duration = Duration::from_secs(5);
/// For the request line and all headers, bytes.
const HEAD_LIMIT: usize = 32 * 1024;

/// Serves the apps and the relying party until `shutdown` is ready, then finishes what runs, for
/// five seconds at most.
///
/// # Errors
/// [`DemoError::NotLoopback`], [`DemoError::BadBase`] or [`DemoError::OtherListener`] if it must
/// not or cannot serve there; nothing was served then.
pub async fn serve(
    config: DemoConfig,
    client: DemoClient,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), DemoError> {
    config.check()?;
    let bound = listener.local_addr()?;
    if !bound.ip().is_loopback() {
        return Err(DemoError::NotLoopback(bound));
    }
    if bound != config.listen {
        return Err(DemoError::OtherListener {
            configured: config.listen,
            bound,
        });
    }

    let app = Arc::new(App::new(config, client, Arc::new(SystemClock)));
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (listener.accept().await, place)
        };
        let (stream, place) = tokio::select! {
            () = &mut shutdown => break,
            (accepted, place) = accepted => match accepted {
                Ok((stream, _)) => (stream, place),
                Err(error) => {
                    // Out of file descriptors, most likely: wait for some to be given back.
                    tracing::warn!(%error, "The demo cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let app = Arc::clone(&app);
        let service = service_fn(move |request| {
            let app = Arc::clone(&app);
            async move { Ok::<_, Infallible>(routes::answer(&app, request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME_LIMIT)
            .max_buf_size(HEAD_LIMIT)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "A connection to the demo broke");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("Some requests to the demo did not finish in time");
    }
    Ok(())
}

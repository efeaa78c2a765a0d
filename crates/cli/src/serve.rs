//! `hydrus serve`: both listeners, or one of them, until a signal comes.

use std::sync::Arc;
use std::time::Duration;

use config::{Interface, Listen, Settings};
use provider::Provider;
use server::{Bound, Listener, Readiness, Server, ServerOptions};
use tokio::runtime::Runtime;

use crate::output::{Failure, say};
use crate::parts::{self, Storage};
use crate::{ServeArgs, Which};

/// How long running requests may take to finish once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(5);

/// Runs the verb.
pub(crate) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let flags = config::Flags {
        dev: args.dev,
        dsn: None,
    };
    let settings = config::load(&args.config, config::environment(), &flags, true)?;
    telemetry::init(&log_settings(&settings));
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    runtime()?.block_on(serve(&settings, args.which))
}

/// The threads that everything asynchronous runs on.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::fatal)
}

async fn serve(settings: &Settings, which: Which) -> Result<(), Failure> {
    let storage = Storage::open(&settings.dsn).await?;
    storage.check_migrated().await?;
    let provider = Arc::new(parts::provider(settings, storage.stores()));
    let mut bound = Vec::new();
    for (listener, interface, wanted) in [
        (
            Listener::Public,
            &settings.serve.public,
            which != Which::Admin,
        ),
        (
            Listener::Admin,
            &settings.serve.admin,
            which != Which::Public,
        ),
    ] {
        if wanted {
            bound.push(bind(listener, interface).await?);
        }
    }
    // Keys are made before anybody asks for them, but nobody waits for that.
    let keys = provider.clone();
    tokio::spawn(async move { keys.warm_up().await });
    let server = server(provider, storage);
    say(&format!("Hydrus {} is ready.", env!("CARGO_PKG_VERSION")));
    server
        .serve(bound, stop_signal(), DRAIN)
        .await
        .map_err(Failure::fatal)
}

/// Joins a server over a provider and what tells its readiness.
pub(crate) fn server(provider: Arc<Provider>, storage: Storage) -> Server {
    let options = ServerOptions {
        version: format!("v{}", env!("CARGO_PKG_VERSION")),
        readiness: Arc::new(storage),
    };
    Server::new(provider, options)
}

/// Opens a listener, or says which address cannot be had.
pub(crate) async fn bind(listener: Listener, interface: &Interface) -> Result<Bound, Failure> {
    if interface.tls.enabled {
        return Err(Failure::wrong(format!(
            "serve.{}.tls.enabled is true, but TLS is not supported yet: let a proxy terminate it \
             and set it to false.",
            listener.name()
        )));
    }
    let (host, port) = match interface.listen() {
        Listen::Tcp { host, port } => (host, port),
        Listen::Unix(path) => {
            return Err(Failure::wrong(format!(
                "serve.{}.host is unix:{}, but Unix sockets are not supported yet: give a host \
                 name or an address.",
                listener.name(),
                path.display()
            )));
        }
    };
    Bound::tcp(listener, &host, port).await.map_err(|error| {
        Failure::fatal(format!(
            "Could not listen on serve.{}, {}:{port}: {error}. Is another server running there?",
            listener.name(),
            if host.is_empty() {
                "all addresses"
            } else {
                &host
            },
        ))
    })
}

#[async_trait::async_trait]
impl Readiness for Storage {
    async fn check(&self) -> Result<(), String> {
        let Self::Sql(db) = self else { return Ok(()) };
        db.ping().await.map_err(|error| error.to_string())?;
        let pending = db
            .pending_migrations()
            .await
            .map_err(|error| error.to_string())?;
        if pending.is_empty() {
            Ok(())
        } else {
            Err("migrations have not yet been fully applied".into())
        }
    }
}

/// Waits for SIGINT or SIGTERM.
pub(crate) async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
    tracing::info!("stopping: no new connections, running requests may finish");
}

fn log_settings(settings: &Settings) -> telemetry::LogSettings {
    telemetry::LogSettings::default()
        .level(settings.log.level.as_str())
        .format(settings.log.format.as_str())
}

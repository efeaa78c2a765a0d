//! `hydrus serve`: both listeners, or one of them, until a signal comes.

use std::sync::Arc;
use std::time::Duration;

use config::{Interface, Settings};
use provider::Provider;
use server::{Limits, Listener, Server, ServerOptions, Socket};
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
    let provider = Arc::new(parts::provider(settings, &storage));
    let mut sockets = Vec::new();
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
            sockets.push((listener, bind(listener, interface).await?));
        }
    }
    // Keys are made before anybody asks for them, but nobody waits for that.
    let keys = provider.clone();
    tokio::spawn(async move { keys.warm_up().await });
    let server = server(provider, settings)?;
    say(&format!("Hydrus {} is ready.", env!("CARGO_PKG_VERSION")));
    server::serve(server, sockets, stop_signal()).await;
    Ok(())
}

/// Joins a server over a provider.
pub(crate) fn server(provider: Arc<Provider>, settings: &Settings) -> Result<Arc<Server>, Failure> {
    let options = ServerOptions {
        version: format!("v{}", env!("CARGO_PKG_VERSION")),
        public_cors: parts::cors(&settings.serve.public.cors),
        admin_cors: parts::cors(&settings.serve.admin.cors),
        limits: Limits {
            drain: DRAIN,
            ..Limits::default()
        },
    };
    Server::new(provider, options)
        .map(Arc::new)
        .map_err(Failure::fatal)
}

/// Opens a listener, or says which address cannot be had.
pub(crate) async fn bind(listener: Listener, interface: &Interface) -> Result<Socket, Failure> {
    let name = listener.as_str();
    if interface.tls.enabled {
        return Err(Failure::wrong(format!(
            "serve.{name}.tls.enabled: true\nTLS is not supported yet: let a proxy terminate it and \
             set it to false."
        )));
    }
    Socket::bind(&interface.host, interface.port)
        .await
        .map_err(|error| {
            Failure::fatal(format!(
                "Could not listen on serve.{name}: {error}. Is another server running there?"
            ))
        })
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
        .redaction_text(&settings.log.redaction_text)
        .leak_sensitive_values(settings.log.leak_sensitive_values)
}

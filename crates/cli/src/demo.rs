//! `hydrus demo`: the main job as a newcomer meets it, everything on this machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use config::Settings;
use demo_app::{DemoConfig, DemoError};
use oauth_types::EntropyExt;
use serde_json::json;
use server::Listener;
use tokio::net::TcpListener;
use url::Url;

use crate::DemoArgs;
use crate::output::{Failure, complain, say};
use crate::parts::{self, Storage};
use crate::serve::{bind, runtime, server, stop_signal};

/// Runs the verb.
pub(crate) fn run(args: &DemoArgs) -> Result<(), Failure> {
    if !args.host.is_loopback() {
        return Err(Failure::wrong(format!(
            "--host {} is not this machine: the demo has accounts whose passwords are printed, so \
             it listens on loopback addresses only, such as 127.0.0.1.",
            args.host
        )));
    }
    telemetry::init(&telemetry::LogSettings::default().level("warn"));
    let folder = Folder::new(args)?;
    let outcome = runtime()?.block_on(demo(args, &folder));
    folder.remove();
    outcome
}

async fn demo(args: &DemoArgs, folder: &Folder) -> Result<(), Failure> {
    let settings = settings(args, folder)?;
    let storage = Storage::open(&settings.dsn).await?;
    if let Storage::Sql(db) = &storage {
        db.migrate().await.map_err(Failure::fatal)?;
    }
    let provider = Arc::new(parts::provider(&settings, &storage));
    let sockets = vec![
        (
            Listener::Public,
            bind(Listener::Public, &settings.serve.public).await?,
        ),
        (
            Listener::Admin,
            bind(Listener::Admin, &settings.serve.admin).await?,
        ),
    ];
    let app = TcpListener::bind(SocketAddr::new(args.host, args.app_port)).await;
    let app = app.map_err(|error| {
        Failure::fatal(format!(
            "Could not listen on {}:{}: {error}. Choose another port with --app-port.",
            args.host, args.app_port
        ))
    })?;
    let config = demo_config(args).map_err(Failure::fatal)?;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let wait = move || {
        let mut stopped = stopped.clone();
        async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        }
    };
    let keys = provider.clone();
    tokio::spawn(async move { keys.warm_up().await });
    let serving = tokio::spawn(server::serve(server(provider, &settings)?, sockets, wait()));

    let outcome = show(args, &config, app, wait()).await;
    let _ = stop.send(true);
    let _ = serving.await;
    outcome
}

/// Registers a client, serves the app, and walks through the flow or waits for somebody who does.
async fn show(
    args: &DemoArgs,
    config: &DemoConfig,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Failure> {
    let client = demo_app::register_client(config)
        .await
        .map_err(Failure::fatal)?;
    let app = tokio::spawn(demo_app::serve(
        config.clone(),
        client.clone(),
        listener,
        stop,
    ));
    if args.once {
        let walked = demo_app::once::walk(config, &client, &mut std::io::stdout()).await;
        return walked.map_err(Failure::fatal);
    }
    say(&demo_app::welcome(config, &client));
    tokio::select! {
        () = stop_signal() => complain("The demo has stopped."),
        ended = app => complain(&format!("The demo app has ended: {ended:?}")),
    }
    Ok(())
}

fn demo_config(args: &DemoArgs) -> Result<DemoConfig, DemoError> {
    let base = |port: u16| {
        let mut url = Url::parse("http://127.0.0.1/").ok();
        if let Some(url) = &mut url {
            let _ = url.set_ip_host(args.host);
            let _ = url.set_port(Some(port));
        }
        url
    };
    let (Some(public), Some(admin)) = (base(args.public_port), base(args.admin_port)) else {
        return Err(DemoError::NotLoopback(SocketAddr::new(
            args.host,
            args.app_port,
        )));
    };
    DemoConfig::new(public, admin, SocketAddr::new(args.host, args.app_port))
}

/// What a configuration file would say.
fn settings(args: &DemoArgs, folder: &Folder) -> Result<Settings, Failure> {
    let demo = demo_config(args).map_err(Failure::fatal)?;
    let host = args.host.to_string();
    let secret = || crypto::OsEntropy.text(32, b"abcdefghijklmnopqrstuvwxyz0123456789");
    Ok(Settings::from_value(json!({
        "dsn": folder.dsn(),
        "dev": true,
        "serve": {
            "public": { "host": host, "port": args.public_port },
            "admin": { "host": host, "port": args.admin_port },
        },
        "urls": {
            "self": { "issuer": demo.public.as_str(), "admin": demo.admin.as_str() },
            "login": demo.login_url(),
            "consent": demo.consent_url(),
            "logout": demo.logout_url(),
            "error": demo.error_url(),
            "post_logout_redirect": demo.logged_out_url(),
        },
        "secrets": { "system": [folder.secret(secret)?], "cookie": [secret()] },
        // Newcomers should not wait for a key of 4096 bits.
        "hydrus": { "keys": { "rsa_bits": 2048 } },
    }))?)
}

/// Where the demo keeps its database.
enum Folder {
    Memory,
    Temporary(PathBuf),
    File(PathBuf),
}

impl Folder {
    fn new(args: &DemoArgs) -> Result<Self, Failure> {
        if args.memory {
            return Ok(Self::Memory);
        }
        if let Some(file) = &args.database {
            return Ok(Self::File(file.clone()));
        }
        let name = format!("hydrus-demo-{}", crypto::OsEntropy.uuid());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).map_err(|error| {
            Failure::fatal(format!(
                "Could not make the folder {}: {error}",
                path.display()
            ))
        })?;
        Ok(Self::Temporary(path))
    }

    fn dsn(&self) -> String {
        match self {
            Self::Memory => "memory".into(),
            Self::Temporary(folder) => {
                format!(
                    "sqlite://{}?_fk=true",
                    folder.join("hydrus.sqlite").display()
                )
            }
            Self::File(file) => format!("sqlite://{}?_fk=true", file.display()),
        }
    }

    /// A file that is used again needs the secret that it was written under; that lies beside it.
    fn secret(&self, make: impl Fn() -> String) -> Result<String, Failure> {
        let Self::File(file) = self else {
            return Ok(make());
        };
        let path = file.with_extension("secret");
        if let Ok(secret) = std::fs::read_to_string(&path) {
            return Ok(secret.trim().to_owned());
        }
        let secret = make();
        std::fs::write(&path, &secret).map_err(|error| {
            Failure::fatal(format!("Could not write {}: {error}", path.display()))
        })?;
        Ok(secret)
    }

    fn remove(self) {
        if let Self::Temporary(folder) = self {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

//! Databases of a test's own.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::process;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A name that no other test has, nor another run of the tests.
pub(crate) fn unique_name() -> String {
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("hydrus_flows_{}_{number}", std::process::id())
}

/// Where a server keeps everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    Sqlite,
    Postgres,
}

/// A database; it goes with this value.
pub(crate) struct Database {
    pub(crate) dsn: String,
    /// DSN of the server and name of the database, where that is to be dropped.
    to_drop: Option<(String, String)>,
}

impl Database {
    /// A new database, migrated; SQLite's file is in `folder`. `None` if there is no server for
    /// it, which is said.
    pub(crate) fn new(kind: Kind, folder: &Path) -> Option<Self> {
        let database = match kind {
            Kind::Memory => {
                return Some(Self {
                    dsn: "memory".into(),
                    to_drop: None,
                });
            }
            Kind::Sqlite => Self {
                dsn: format!("sqlite://{}?_fk=true", folder.join("db.sqlite").display()),
                to_drop: None,
            },
            Kind::Postgres => Self::on_server(&postgres()?),
        };
        let arguments = ["migrate", "sql", "--yes", &database.dsn];
        let output = process::run(&mut process::hydrus(arguments));
        assert!(output.status.success(), "{output:?}");
        Some(database)
    }

    fn on_server(server: &str) -> Self {
        let name = unique_name();
        execute(server, &format!("CREATE DATABASE {name}"));
        let (before, query) = server
            .split_once('?')
            .unwrap_or((server, "sslmode=disable"));
        let (authority, _) = before.rsplit_once('/').unwrap();
        Self {
            dsn: format!("{authority}/{name}?{query}&max_conns=8"),
            to_drop: Some((server.to_owned(), name)),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.to_drop {
            // The servers of the test are gone, but PostgreSQL may not have noticed yet.
            execute(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// The server that the surroundings name; says so if there is none.
pub(crate) fn postgres() -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no settings but the environment"
    )]
    let dsn = std::env::var("HYDRUS_TEST_POSTGRES").unwrap_or_default();
    if dsn.is_empty() {
        println!("skipped: HYDRUS_TEST_POSTGRES names no server");
        return None;
    }
    Some(dsn)
}

fn execute(server: &str, statement: &str) {
    let work = async {
        let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await?;
        let driving = tokio::spawn(connection);
        client.batch_execute(statement).await?;
        drop(client);
        driving.await.unwrap()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let done = runtime.block_on(work);
    assert!(done.is_ok(), "{statement}: {done:?}");
}

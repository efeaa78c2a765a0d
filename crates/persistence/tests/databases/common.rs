//! Fresh databases for tests.

#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use persistence::{Db, Dsn};

static COUNT: AtomicU64 = AtomicU64::new(0);

fn unique() -> String {
    format!(
        "hydrus_test_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

/// Opens a database and creates its tables.
pub(crate) async fn migrated(dsn: &str) -> Db {
    let db = Db::open(&Dsn::parse(dsn).unwrap()).await.unwrap();
    db.migrate().await.unwrap();
    db
}

/// A new SQLite database in memory.
#[cfg(feature = "sqlite")]
pub(crate) async fn memory() -> Db {
    migrated("memory").await
}

#[cfg(feature = "sqlite")]
/// A folder for database files, removed in the end.
pub(crate) struct Folder(PathBuf);

#[cfg(feature = "sqlite")]
impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("{}_{name}", unique()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn dsn(&self, file: &str) -> String {
        format!("sqlite://{}?_fk=true", self.0.join(file).display())
    }

    /// A new database in a file of its own.
    pub(crate) async fn fresh(&self) -> Db {
        migrated(&self.dsn(&unique())).await
    }
}

#[cfg(feature = "sqlite")]
impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(feature = "postgres")]
/// A PostgreSQL server for tests.
pub(crate) struct Server(String);

#[cfg(feature = "postgres")]
impl Server {
    /// The server that the environment names; says so if there is none.
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stderr,
        reason = "tests take their servers from the environment and say when there is none"
    )]
    pub(crate) fn from_environment() -> Option<Self> {
        let dsn = std::env::var("HYDRUS_TEST_POSTGRES")
            .ok()
            .filter(|dsn| !dsn.is_empty());
        if dsn.is_none() {
            eprintln!("skipped: HYDRUS_TEST_POSTGRES names no server");
        }
        dsn.map(Self)
    }

    /// The DSN of a new, empty database.
    pub(crate) async fn create(&self) -> String {
        let (driver, rest) = self.0.split_once("://").unwrap();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, "sslmode=prefer"));
        let (authority, _) = rest.rsplit_once('/').unwrap();
        let name = unique();
        let plain = format!("postgres://{rest}");
        let (client, connection) = tokio_postgres::connect(&plain, tokio_postgres::NoTls)
            .await
            .unwrap();
        let driving = tokio::spawn(connection);
        client
            .batch_execute(&format!("DROP DATABASE IF EXISTS {name}"))
            .await
            .unwrap();
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        drop(client);
        driving.await.unwrap().unwrap();
        format!("{driver}://{authority}/{name}?{query}&max_conns=8")
    }

    /// A new database with tables.
    pub(crate) async fn fresh(&self) -> Db {
        migrated(&self.create().await).await
    }
}

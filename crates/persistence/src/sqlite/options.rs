//! Where an SQLite database is and how it is opened.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, SqliteConnection};

use crate::counters::Counters;

/// The SQLite form of a DSN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SqliteDsn {
    /// The file; `None`: in memory, private to this handle, gone with it.
    pub(crate) path: Option<String>,
    /// How long to wait for another process that writes.
    pub(crate) busy_timeout: Duration,
    /// A word of `PRAGMA synchronous`. `FULL` unless asked for otherwise: with `NORMAL` a power
    /// failure can bring revoked tokens back.
    pub(crate) synchronous: &'static str,
}

impl SqliteDsn {
    /// A database in memory.
    pub(crate) fn memory() -> Self {
        Self {
            path: None,
            busy_timeout: Duration::from_secs(5),
            synchronous: "FULL",
        }
    }

    /// Opens the connection that writes, creating the file if there is none.
    pub(crate) fn open_writer(
        &self,
        counters: &Counters,
    ) -> Result<SqliteConnection, ConnectionError> {
        self.open(
            counters,
            if self.path.is_some() {
                "PRAGMA journal_mode = WAL;"
            } else {
                ""
            },
        )
    }

    /// Opens a connection that reads.
    pub(crate) fn open_reader(
        &self,
        counters: &Counters,
    ) -> Result<SqliteConnection, ConnectionError> {
        self.open(counters, "PRAGMA query_only = ON;")
    }

    fn open(&self, counters: &Counters, more: &str) -> Result<SqliteConnection, ConnectionError> {
        let name = self.path.as_deref().unwrap_or(":memory:");
        let mut conn = SqliteConnection::establish(name)?;
        let settings = format!(
            "PRAGMA busy_timeout = {}; {more} PRAGMA synchronous = {}; PRAGMA foreign_keys = ON;",
            self.busy_timeout.as_millis(),
            self.synchronous,
        );
        conn.batch_execute(&settings)
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        conn.set_instrumentation(counters.clone());
        Ok(conn)
    }
}

//! The handle of a database.

use oauth_types::{StoreError, StoreResult};

use crate::counters::Counters;
use crate::dispatch::read;
use crate::dsn::Kind;
use crate::error::DbError;
#[cfg(feature = "postgres")]
use crate::postgres::PostgresPool;
#[cfg(feature = "sqlite")]
use crate::sqlite::SqliteThreads;
use crate::statement::{fixed, statements};
use crate::{Dsn, migrate};

/// A database and the tenant in it that this handle speaks for. Implements all six store traits;
/// clones share connections.
#[derive(Clone)]
pub struct Db {
    pub(crate) arm: Arm,
    pub(crate) tenant: i64,
    pub(crate) counters: Counters,
    dsn: Dsn,
}

/// Which database it is. One more variant, and one more arm in `dispatch`, for each database.
#[derive(Clone)]
pub(crate) enum Arm {
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteThreads),
    #[cfg(feature = "postgres")]
    Postgres(PostgresPool),
}

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the database: {why}")]
pub struct OpenError {
    why: String,
}

impl From<DbError> for OpenError {
    fn from(error: DbError) -> Self {
        Self {
            why: error.to_string(),
        }
    }
}

statements! {
    Ping = "SELECT 1";
}

impl Db {
    /// Opens a database and makes sure that it answers. Creates an SQLite file that is not there,
    /// but no tables: see [`Db::migrate`].
    ///
    /// # Errors
    /// [`OpenError`] if it does not answer within some seconds; whoever wants to wait longer tries
    /// again.
    pub async fn open(dsn: &Dsn) -> Result<Self, OpenError> {
        let counters = Counters::default();
        let arm = match &dsn.0 {
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(options) => {
                let (options, counters) = (options.clone(), counters.clone());
                let opened =
                    tokio::task::spawn_blocking(move || SqliteThreads::open(&options, &counters));
                Arm::Sqlite(opened.await.map_err(|_| DbError::Panicked)??)
            }
            #[cfg(feature = "postgres")]
            Kind::Postgres(options) => {
                Arm::Postgres(PostgresPool::new(options.clone(), &counters)?)
            }
        };
        let db = Self {
            arm,
            tenant: 0,
            counters,
            dsn: dsn.clone(),
        };
        db.ping().await.map_err(|error| OpenError {
            why: with_causes(&error),
        })?;
        Ok(db)
    }

    /// The same database on behalf of another tenant; rows of different tenants do not see each
    /// other. Without this it is tenant 0.
    #[must_use]
    pub fn tenant(mut self, tenant: i64) -> Self {
        self.tenant = tenant;
        self
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Busy`] or [`StoreError::Backend`].
    pub async fn ping(&self) -> StoreResult<()> {
        use diesel_async::RunQueryDsl;
        read!(self, |conn| {
            fixed(Ping, []).execute(conn).await?;
            Ok(())
        })
    }

    /// Brings the tables up to date and returns the names of the migrations that were run. Safe
    /// when several replicas do it at once: one works, the others wait and find nothing to do.
    ///
    /// # Errors
    /// [`StoreError::Backend`]; the migration that failed left nothing behind.
    pub async fn migrate(&self) -> StoreResult<Vec<String>> {
        migrate::run(&self.arm, &self.dsn)
            .await
            .map_err(StoreError::from)
    }

    /// Names of the migrations that the database has yet to see, oldest first.
    ///
    /// # Errors
    /// Only those of the back end.
    pub async fn pending_migrations(&self) -> StoreResult<Vec<String>> {
        let applied = migrate::applied_versions(self).await?;
        Ok(migrate::names()
            .into_iter()
            .filter(|name| !migrate::is_in(name, &applied))
            .collect())
    }

    /// Names of the migrations that the database has seen, oldest first.
    ///
    /// # Errors
    /// Only those of the back end.
    pub async fn applied_migrations(&self) -> StoreResult<Vec<String>> {
        let applied = migrate::applied_versions(self).await?;
        Ok(migrate::names()
            .into_iter()
            .filter(|name| migrate::is_in(name, &applied))
            .collect())
    }

    /// Whether no migration is pending.
    ///
    /// # Errors
    /// Only those of the back end.
    pub async fn is_migrated(&self) -> StoreResult<bool> {
        Ok(self.pending_migrations().await?.is_empty())
    }

    /// Statements sent to the database so far by all clones of this handle, `BEGIN` and `COMMIT`
    /// included: on PostgreSQL the number of round trips. For tests of budgets.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.counters.statements()
    }

    /// Transactions made durable so far by all clones of this handle. For tests of budgets.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.counters.commits()
    }

    /// The database's name: `sqlite` or `postgres`.
    #[must_use]
    pub fn driver(&self) -> &'static str {
        self.dsn.driver()
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({}, tenant {})", self.driver(), self.tenant)
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => with_causes(cause),
        None => error.to_string(),
    }
}

//! One body, every database: macros that expand the body of an operation once per arm of [`Db`].
//!
//! * [`read!`]: look-ups, without a transaction.
//! * [`run!`]: one statement that is its own transaction.
//! * [`transact!`]: several statements, all or nothing.
//! * [`shortcut!`]: one statement for PostgreSQL that does what a transaction does elsewhere, to
//!   save round trips.
//!
//! * [`on_postgres!`]: the same where the short way is not always open; `None` elsewhere.
//!
//! Bodies give a `Result<_, DbError>`. On SQLite they move to the database's threads, so all they
//! use is owned; elsewhere they may run again after a deadlock, so they only borrow it.
//!
//! [`Db`]: crate::Db

/// See the module.
macro_rules! read {
    ($db:expr, |$conn:ident| $body:expr) => {{
        let outcome: Result<_, $crate::error::DbError> = match &$db.arm {
            #[cfg(feature = "sqlite")]
            $crate::db::Arm::Sqlite(threads) => {
                threads
                    .read(async move |$conn: &mut $crate::sqlite::Sqlite| $body)
                    .await
            }
            #[cfg(feature = "postgres")]
            $crate::db::Arm::Postgres(pool) => {
                $crate::dispatch::retried!(pool.get(), |pooled| {
                    let $conn: &mut $crate::postgres::Postgres = &mut pooled;
                    $body
                })
            }
        };
        outcome.map_err(oauth_types::StoreError::from)
    }};
}

/// See the module.
macro_rules! run {
    ($db:expr, |$conn:ident| $body:expr) => {
        $crate::dispatch::shortcut!($db, postgres | $conn | $body, elsewhere | $conn | $body)
    };
}

/// See the module.
macro_rules! transact {
    ($db:expr, |$conn:ident| $body:expr) => {{
        let outcome: Result<_, $crate::error::DbError> = match &$db.arm {
            #[cfg(feature = "sqlite")]
            $crate::db::Arm::Sqlite(threads) => {
                threads
                    .write(async move |$conn: &mut $crate::sqlite::Sqlite| $body)
                    .await
            }
            #[cfg(feature = "postgres")]
            $crate::db::Arm::Postgres(pool) => {
                $crate::dispatch::retried!(pool.begin(), |pooled| {
                    let outcome: Result<_, $crate::error::DbError> = async {
                        let $conn: &mut $crate::postgres::Postgres = &mut pooled;
                        $body
                    }
                    .await;
                    $crate::postgres::finish(pooled, outcome).await
                })
            }
        };
        outcome.map_err(oauth_types::StoreError::from)
    }};
}

/// See the module.
macro_rules! shortcut {
    ($db:expr, postgres |$pg:ident| $short:expr, elsewhere |$conn:ident| $body:expr) => {{
        let outcome: Result<_, $crate::error::DbError> = match &$db.arm {
            #[cfg(feature = "sqlite")]
            $crate::db::Arm::Sqlite(threads) => {
                threads
                    .write(async move |$conn: &mut $crate::sqlite::Sqlite| $body)
                    .await
            }
            #[cfg(feature = "postgres")]
            $crate::db::Arm::Postgres(pool) => {
                let outcome = $crate::dispatch::retried!(pool.get(), |pooled| {
                    let $pg: &mut $crate::postgres::Postgres = &mut pooled;
                    $short
                });
                if outcome.is_ok() {
                    $db.counters.committed();
                }
                outcome
            }
        };
        outcome.map_err(oauth_types::StoreError::from)
    }};
}

/// See the module.
macro_rules! on_postgres {
    ($db:expr, |$conn:ident| $body:expr) => {
        match &$db.arm {
            #[cfg(feature = "sqlite")]
            $crate::db::Arm::Sqlite(_) => None,
            #[cfg(feature = "postgres")]
            $crate::db::Arm::Postgres(pool) => {
                let outcome = $crate::dispatch::retried!(pool.get(), |pooled| {
                    let $conn: &mut $crate::postgres::Postgres = &mut pooled;
                    $body
                });
                if outcome.is_ok() {
                    $db.counters.committed();
                }
                Some(outcome.map_err(oauth_types::StoreError::from))
            }
        }
    };
}

/// Runs a body on a pooled connection, and again where another try is safe and may help.
#[cfg(feature = "postgres")]
macro_rules! retried {
    ($connection:expr, |$pooled:ident| $body:expr) => {{
        let mut retries = $crate::error::Retries::default();
        loop {
            let outcome: Result<_, $crate::error::DbError> = async {
                let mut $pooled = $connection.await?;
                $body
            }
            .await;
            match outcome {
                Err(error) if retries.again(&error).await => {}
                outcome => break outcome,
            }
        }
    }};
}

#[cfg(feature = "postgres")]
pub(crate) use retried;
pub(crate) use {on_postgres, read, run, shortcut, transact};

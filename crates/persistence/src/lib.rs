//! All six store traits over SQLite and PostgreSQL, written once with diesel-async.
//!
//! [`Db`] is the handle. Each operation has one body that is expanded for every database (module
//! `dispatch`); which one runs is decided by the [`Dsn`].
//!
//! ```
//! use client_registry::ClientStore;
//! use oauth_types::ClientId;
//! use persistence::{Db, Dsn};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let db = Db::open(&Dsn::memory()?).await?;
//! db.migrate().await?;
//! assert!(db.client(&ClientId::new("web")).await?.is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Invariants.** Every key of every table begins with the tenant, and every query names it. A
//! token of a grant is looked up together with its grant and its client in one statement, so that
//! what has ended cannot be found by any race. SQLite writes are durable when they are answered
//! (`synchronous=FULL`), and committed in groups.

#![cfg_attr(
    not(all(feature = "sqlite", feature = "postgres")),
    expect(
        dead_code,
        unused_imports,
        reason = "a build for one database leaves out what only the others need"
    )
)]

#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
compile_error!("persistence needs a database: enable feature `sqlite` or `postgres`");

mod clients;
mod counters;
mod db;
mod dispatch;
mod dsn;
mod error;
mod flows;
mod grants;
mod keys;
mod leases;
mod migrate;
#[cfg(feature = "postgres")]
mod postgres;
mod schema;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statement;
mod text;
mod trust;

pub use db::{Db, OpenError};
pub use dsn::{Dsn, DsnError};

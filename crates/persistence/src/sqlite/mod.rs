//! SQLite on threads of its own: one that writes, a few that read.
//!
//! Whole operations travel to the threads, not statements: a hop per statement would cost more than
//! the statement. Writes are committed in groups, see [`writer`].

mod options;
mod queue;
mod threads;
mod writer;

use std::error::Error;

use diesel::SqliteConnection;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures::future::{BoxFuture, FutureExt};

pub(crate) use options::SqliteDsn;
pub(crate) use threads::SqliteThreads;

/// The connection that bodies of operations see.
pub(crate) type Sqlite = SyncConnectionWrapper<SqliteConnection, Here>;

/// Runs the work of the asynchronous wrapper in place: its futures are ready at once, so that the
/// database thread drives a body without ever waiting.
pub(crate) struct Here;

impl SpawnBlocking for Here {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        std::future::ready(Ok(task())).boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

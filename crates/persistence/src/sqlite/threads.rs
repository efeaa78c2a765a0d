//! The handle that carries operations to the database threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures::future::FutureExt;
use tokio::sync::oneshot;

use super::queue::Queue;
use super::writer::{self, Answer, Job, Operation};
use super::{Sqlite, SqliteDsn};
use crate::counters::Counters;
use crate::error::DbError;

/// Threads that read. Look-ups take microseconds, so that a few keep up with any server.
const READERS: usize = 4;
/// Operations that may wait at the writer, and at the readers.
const PLACES: usize = 1024;
/// How long a caller waits for such a place.
const PATIENCE: Duration = Duration::from_secs(10);

type ReadJob = Box<dyn FnOnce(&mut Sqlite) + Send>;

/// The threads of one database; they end when the last handle is gone.
#[derive(Clone)]
pub(crate) struct SqliteThreads(Arc<Queues>);

struct Queues {
    writer: Arc<Queue<Job>>,
    /// `None` in memory, where all happens on the connection that holds the database.
    readers: Option<Arc<Queue<ReadJob>>>,
}

impl Drop for Queues {
    fn drop(&mut self) {
        self.writer.close();
        if let Some(readers) = &self.readers {
            readers.close();
        }
    }
}

impl SqliteThreads {
    /// Opens the database and starts its threads. Blocks for the time of a few file accesses.
    pub(crate) fn open(dsn: &SqliteDsn, counters: &Counters) -> Result<Self, DbError> {
        let connect = |error: diesel::ConnectionError| DbError::Connect(error.to_string());
        let mut conn = Sqlite::new(dsn.open_writer(counters).map_err(connect)?);
        let writer = Arc::new(Queue::new(PLACES, PATIENCE));
        let (queue, commits) = (writer.clone(), counters.clone());
        start("sqlite-writer", move || {
            writer::serve(&mut conn, &queue, &commits);
        })?;
        let mut queues = Queues {
            writer,
            readers: None,
        };
        if dsn.path.is_some() {
            let readers: Arc<Queue<ReadJob>> = Arc::new(Queue::new(PLACES, PATIENCE));
            queues.readers = Some(readers.clone());
            for _ in 0..READERS {
                let mut conn = Sqlite::new(dsn.open_reader(counters).map_err(connect)?);
                let queue = readers.clone();
                start("sqlite-reader", move || {
                    while let Some(jobs) = queue.take(1) {
                        for job in jobs {
                            job(&mut conn);
                        }
                    }
                })?;
            }
        }
        Ok(Self(Arc::new(queues)))
    }

    /// Carries out an operation that writes, in a transaction of its own as far as it can tell.
    pub(crate) async fn write<T, F>(&self, body: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Sqlite) -> Result<T, DbError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.0
            .writer
            .push(Job::Grouped(Box::new(Write { body, reply })))
            .await?;
        answer.await.map_err(|_| DbError::Closed)?
    }

    /// Carries out an operation that only looks.
    pub(crate) async fn read<T, F>(&self, body: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Sqlite) -> Result<T, DbError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move |conn: &mut Sqlite| {
            if !reply.is_closed() {
                // Nobody listens any more if this fails.
                let _ = reply.send(carry_out(conn, body));
            }
        });
        match &self.0.readers {
            Some(readers) => readers.push(job).await?,
            None => self.0.writer.push(Job::Alone(job)).await?,
        }
        answer.await.map_err(|_| DbError::Closed)?
    }

    /// Carries out something on the writer's connection that handles its own transaction.
    pub(crate) async fn alone<T, F>(&self, body: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Sqlite) -> Result<T, DbError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move |conn: &mut Sqlite| {
            let _ = reply.send(carry_out(conn, body));
        });
        self.0.writer.push(Job::Alone(job)).await?;
        answer.await.map_err(|_| DbError::Closed)?
    }
}

struct Write<T, F> {
    body: F,
    reply: oneshot::Sender<Result<T, DbError>>,
}

impl<T, F> Operation for Write<T, F>
where
    T: Send + 'static,
    F: AsyncFnOnce(&mut Sqlite) -> Result<T, DbError> + Send + 'static,
{
    fn run(self: Box<Self>, conn: &mut Sqlite) -> (bool, Answer) {
        let Self { body, reply } = *self;
        if reply.is_closed() {
            // The caller went away while this waited: as if it had never come.
            return (true, Box::new(|_| ()));
        }
        let outcome = carry_out(conn, body);
        let good = outcome.is_ok();
        let answer = move |committed: Result<(), DbError>| {
            let _ = reply.send(committed.and(outcome));
        };
        (good, Box::new(answer))
    }

    fn refuse(self: Box<Self>, error: DbError) {
        let _ = self.reply.send(Err(error));
    }
}

/// Drives a body to its end. A panic in it is its own failure, not that of the thread.
fn carry_out<T, F>(conn: &mut Sqlite, body: F) -> Result<T, DbError>
where
    F: AsyncFnOnce(&mut Sqlite) -> Result<T, DbError>,
{
    // Every future of the body is ready at once (see `Here`), so that one poll is enough.
    match catch_unwind(AssertUnwindSafe(|| body(conn).now_or_never())) {
        Ok(Some(outcome)) => outcome,
        Ok(None) | Err(_) => Err(DbError::Panicked),
    }
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), DbError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(drop)
        .map_err(|error| DbError::Connect(error.to_string()))
}

#[cfg(test)]
mod tests {
    use diesel_async::SimpleAsyncConnection;

    use super::*;

    fn memory() -> SqliteThreads {
        SqliteThreads::open(&SqliteDsn::memory(), &Counters::default()).unwrap()
    }

    #[tokio::test]
    async fn a_panic_fails_its_operation_only() {
        let threads = memory();
        let failed = threads
            .write(async |conn| -> Result<(), DbError> {
                conn.batch_execute("CREATE TABLE t (x)").await?;
                panic!("on purpose")
            })
            .await;
        assert!(matches!(failed, Err(DbError::Panicked)));
        let created = threads
            .write(async |conn| Ok(conn.batch_execute("CREATE TABLE t (x)").await?))
            .await;
        assert!(created.is_ok(), "rolled back and alive: {created:?}");
    }

    #[tokio::test]
    async fn a_failed_operation_of_a_group_rolls_back_alone() {
        let threads = memory();
        let sql = |sql: &'static str| {
            threads.write(async move |conn: &mut Sqlite| Ok(conn.batch_execute(sql).await?))
        };
        sql("CREATE TABLE t (x UNIQUE)").await.unwrap();
        let (a, b, c) = tokio::join!(
            sql("INSERT INTO t VALUES (1)"),
            sql("INSERT INTO t VALUES (2); INSERT INTO t VALUES (1)"),
            sql("INSERT INTO t VALUES (2)"),
        );
        assert!(a.is_ok() && b.is_err() && c.is_ok(), "{a:?} {b:?} {c:?}");
    }

    #[tokio::test]
    async fn another_process_that_writes_makes_everyone_busy_once() {
        use diesel::Connection;
        use diesel::connection::SimpleConnection;

        let file = std::env::temp_dir().join(format!("hydrus_locked_{}", std::process::id()));
        let dsn = SqliteDsn {
            path: Some(file.display().to_string()),
            busy_timeout: Duration::from_millis(20),
            ..SqliteDsn::memory()
        };
        let threads = SqliteThreads::open(&dsn, &Counters::default()).unwrap();
        let write = || {
            threads.write(async |conn: &mut Sqlite| {
                let sql = "CREATE TABLE IF NOT EXISTS t (x)";
                Ok(SimpleAsyncConnection::batch_execute(conn, sql).await?)
            })
        };
        let mut other = diesel::SqliteConnection::establish(&file.display().to_string()).unwrap();
        other.batch_execute("BEGIN IMMEDIATE").unwrap();
        for outcome in futures::future::join_all((0..100).map(|_| write())).await {
            let error = oauth_types::StoreError::from(outcome.unwrap_err());
            assert!(matches!(error, oauth_types::StoreError::Busy), "{error:?}");
        }
        other.batch_execute("COMMIT").unwrap();
        assert!(write().await.is_ok());
        drop(threads);
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
    }
}

//! Group commit: everything that waits becomes one transaction.
//!
//! The dear part of a write is making it durable. So the writer takes what waits (at most
//! [`GROUP`] operations), gives each its savepoint, commits once and only then answers all. An
//! operation that fails rolls back alone. There is no timer: who comes alone is served at once.

use diesel_async::SimpleAsyncConnection;
use futures::future::FutureExt;

use super::Sqlite;
use super::queue::Queue;
use crate::counters::Counters;
use crate::error::DbError;

/// The most operations in one transaction.
const GROUP: usize = 128;

/// Tells the caller how its operation ended, after the commit: `Err` takes the place of a success
/// that could not be committed.
pub(crate) type Answer = Box<dyn FnOnce(Result<(), DbError>) + Send>;

/// An operation that writes.
pub(crate) trait Operation: Send {
    /// Carries it out inside a transaction; gives back whether it succeeded, and its answer.
    fn run(self: Box<Self>, conn: &mut Sqlite) -> (bool, Answer);

    /// Answers without having tried.
    fn refuse(self: Box<Self>, error: DbError);
}

/// What travels to the writer.
pub(crate) enum Job {
    /// Part of a group.
    Grouped(Box<dyn Operation>),
    /// Handles its own transaction, if any: migrations, and look-ups in memory.
    Alone(Box<dyn FnOnce(&mut Sqlite) + Send>),
}

/// The writer's thread: serves the queue until it is closed.
pub(crate) fn serve(conn: &mut Sqlite, queue: &Queue<Job>, counters: &Counters) {
    while let Some(jobs) = queue.take(GROUP) {
        let single = jobs.len() == 1;
        let mut group = Group {
            conn,
            counters,
            open: false,
            locked_out: None,
            single,
            answers: Vec::new(),
        };
        for job in jobs {
            match job {
                Job::Grouped(operation) => group.run(operation),
                Job::Alone(job) => {
                    group.commit();
                    job(group.conn);
                }
            }
        }
        group.commit();
    }
}

/// The transaction that is being filled.
struct Group<'a> {
    conn: &'a mut Sqlite,
    counters: &'a Counters,
    /// Whether `BEGIN` was said.
    open: bool,
    /// Why no transaction can begin: another process writes and did not end in time. Known once, it
    /// is the answer to all that wait, lest each waits as long again.
    locked_out: Option<String>,
    /// Whether there is one operation only, which needs no savepoint.
    single: bool,
    answers: Vec<Answer>,
}

impl Group<'_> {
    fn run(&mut self, operation: Box<dyn Operation>) {
        if let Some(why) = &self.locked_out {
            return operation.refuse(DbError::Commit(why.clone()));
        }
        if !self.open {
            if let Err(error) = self.batch("BEGIN IMMEDIATE") {
                self.locked_out = Some(error.to_string());
                return operation.refuse(error);
            }
            self.open = true;
        }
        if self.single {
            let (good, answer) = operation.run(self.conn);
            self.answers.push(answer);
            if !good {
                self.roll_back();
            }
            return;
        }
        if let Err(error) = self.batch("SAVEPOINT operation") {
            return operation.refuse(error);
        }
        let (good, answer) = operation.run(self.conn);
        self.answers.push(answer);
        let closed = if good {
            self.batch("RELEASE operation")
        } else {
            self.batch("ROLLBACK TO operation; RELEASE operation")
        };
        if let Err(error) = closed {
            // A full disk and its like end the whole transaction behind our back.
            self.lose(&error);
        }
    }

    /// Ends a transaction whose only operation failed and knows why itself.
    fn roll_back(&mut self) {
        // If this fails, the database has rolled back by itself.
        let _ = self.batch("ROLLBACK");
        self.open = false;
        self.answer_all();
    }

    fn commit(&mut self) {
        if self.open {
            if let Err(error) = self.batch("COMMIT") {
                return self.lose(&error);
            }
            self.open = false;
            self.counters.committed();
        }
        self.answer_all();
    }

    fn lose(&mut self, why: &DbError) {
        let _ = self.batch("ROLLBACK");
        self.open = false;
        for answer in self.answers.drain(..) {
            answer(Err(DbError::Commit(why.to_string())));
        }
    }

    fn answer_all(&mut self) {
        for answer in self.answers.drain(..) {
            answer(Ok(()));
        }
    }

    fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        match self.conn.batch_execute(sql).now_or_never() {
            Some(done) => Ok(done?),
            None => Err(DbError::Closed),
        }
    }
}

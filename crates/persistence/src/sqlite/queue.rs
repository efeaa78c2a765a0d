//! The bounded queue between callers and database threads.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::error::DbError;

/// Jobs on their way to one or more threads.
pub(crate) struct Queue<J> {
    waiting: Mutex<Waiting<J>>,
    arrived: Condvar,
    places: Semaphore,
    patience: Duration,
}

struct Waiting<J> {
    jobs: VecDeque<J>,
    closed: bool,
}

impl<J> Queue<J> {
    /// A queue with this many places; a caller waits as long as `patience` for one before it is told
    /// that the database is busy.
    pub(crate) fn new(places: usize, patience: Duration) -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                jobs: VecDeque::new(),
                closed: false,
            }),
            arrived: Condvar::new(),
            places: Semaphore::new(places),
            patience,
        }
    }

    /// Adds a job, waiting for a place if there is none.
    pub(crate) async fn push(&self, job: J) -> Result<(), DbError> {
        let place = match self.places.try_acquire() {
            Ok(place) => place,
            Err(_) => tokio::time::timeout(self.patience, self.places.acquire())
                .await
                .map_err(|_| DbError::Full)?
                .map_err(|_| DbError::Closed)?,
        };
        {
            let mut waiting = self.lock();
            if waiting.closed {
                return Err(DbError::Closed);
            }
            waiting.jobs.push_back(job);
        }
        place.forget();
        self.arrived.notify_one();
        Ok(())
    }

    /// Takes what waits, at most `limit` jobs; blocks while there is none. `None`: the queue is
    /// closed and empty.
    pub(crate) fn take(&self, limit: usize) -> Option<Vec<J>> {
        let mut waiting = self.lock();
        while waiting.jobs.is_empty() {
            if waiting.closed {
                return None;
            }
            waiting = self
                .arrived
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let count = waiting.jobs.len().min(limit);
        let taken = waiting.jobs.drain(..count).collect();
        drop(waiting);
        self.places.add_permits(count);
        Some(taken)
    }

    /// Lets the threads end once they have done what waits.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<J>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn jobs_come_out_in_order_and_in_groups() {
        let queue = Queue::new(3, Duration::ZERO);
        for job in 1..=3 {
            queue.push(job).await.unwrap();
        }
        assert_eq!(queue.take(2), Some(vec![1, 2]));
        queue.close();
        assert_eq!(queue.take(2), Some(vec![3]));
        assert_eq!(queue.take(2), None);
        assert!(matches!(queue.push(4).await, Err(DbError::Closed)));
    }

    #[tokio::test]
    async fn a_full_queue_is_busy_not_endless() {
        let queue = Queue::new(1, Duration::ZERO);
        queue.push(1).await.unwrap();
        assert!(matches!(queue.push(2).await, Err(DbError::Full)));
    }
}

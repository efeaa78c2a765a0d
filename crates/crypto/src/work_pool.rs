//! Slow work off the I/O threads: as much at once as there are cores, and a bounded queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

/// Why the work was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PoolFault {
    /// Too many wait already.
    Full,
    /// The runtime is shutting down, or the work panicked.
    Stopped,
}

pub(crate) struct WorkPool {
    workers: Arc<Semaphore>,
    waiting: AtomicUsize,
    queue: usize,
}

impl WorkPool {
    /// A pool of one worker per core; `queue` callers may wait.
    pub(crate) fn of_all_cores(queue: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::new(cores, queue)
    }

    pub(crate) fn new(workers: usize, queue: usize) -> Self {
        Self {
            workers: Arc::new(Semaphore::new(workers)),
            waiting: AtomicUsize::new(0),
            queue,
        }
    }

    /// Does the work on a thread of its own. A caller that goes away does not stop work that has
    /// begun, and the worker counts as busy until it is done.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolFault> {
        let worker = match self.workers.clone().try_acquire_owned() {
            Ok(worker) => worker,
            Err(_) => {
                let _place = Place::take(&self.waiting, self.queue)?;
                self.workers
                    .clone()
                    .acquire_owned()
                    .await
                    .map_err(|_| PoolFault::Stopped)?
            }
        };
        let done = tokio::task::spawn_blocking(move || {
            let _worker = worker;
            work()
        });
        done.await.map_err(|_| PoolFault::Stopped)
    }
}

/// A place in the queue, given back however the wait ends.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, queue: usize) -> Result<Self, PoolFault> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(waiting);
        if before < queue {
            Ok(place)
        } else {
            Err(PoolFault::Full)
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_full_queue_refuses_and_recovers() {
        let pool = Arc::new(WorkPool::new(1, 1));
        let (release, wait) = mpsc::channel::<()>();
        let busy = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(move || wait.recv().is_err()).await }
        });
        while pool.workers.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let queued = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(|| 1).await }
        });
        while pool.waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(|| 2).await, Err(PoolFault::Full));
        drop(release);
        assert_eq!(busy.await.unwrap(), Ok(true));
        assert_eq!(queued.await.unwrap(), Ok(1));
        assert_eq!(pool.run(|| 3).await, Ok(3));
        assert_eq!(pool.waiting.load(Ordering::Relaxed), 0);
    }
}

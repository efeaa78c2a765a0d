use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use oauth_types::{Clock, Timestamp};

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<AtomicI64>);

impl FixedClock {
    /// A clock that stands at so many seconds since the epoch.
    #[must_use]
    pub fn at(secs: i64) -> Self {
        Self(Arc::new(AtomicI64::new(
            Timestamp::from_secs(secs).as_micros(),
        )))
    }

    /// Moves it on.
    pub fn advance(&self, secs: i64) {
        self.0.fetch_add(secs * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

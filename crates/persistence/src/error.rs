//! What can go wrong, and the one place that knows the databases' own words for it.

#[cfg(feature = "postgres")]
use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use oauth_types::StoreError;

/// How the body of an operation fails; becomes a [`StoreError`] at the trait.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DbError {
    /// What diesel or the database says.
    #[error(transparent)]
    Diesel(#[from] DieselError),
    /// No connection or no place in a queue within the time for it.
    #[error("no connection to the database became free in time")]
    Full,
    /// No connection could be made.
    #[error("cannot connect to the database: {0}")]
    Connect(String),
    /// The body failed by a panic; its transaction was rolled back.
    #[error("a database operation panicked")]
    Panicked,
    /// The group of operations that this one belonged to could not be committed.
    #[error("the transaction could not be committed: {0}")]
    Commit(String),
    /// The database thread has ended.
    #[error("the database is shut down")]
    Closed,
    /// A stored row that makes no sense.
    #[error("the stored {what} {key:?} cannot be read")]
    Corrupt {
        /// The kind of row.
        what: &'static str,
        /// Which one.
        key: String,
    },
}

/// What a failure means for the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nature {
    /// A key is taken.
    Taken,
    /// A row that this one refers to is gone. It may have gone between two looks of one statement,
    /// so that another try sees clearer.
    Dangling,
    /// Somebody else was in the way; nothing was done, another try is safe.
    InTheWay,
    /// Anything else.
    Other,
}

impl DbError {
    fn nature(&self) -> Nature {
        match self {
            Self::Diesel(DieselError::DatabaseError(kind, info)) => match kind {
                DatabaseErrorKind::UniqueViolation => Nature::Taken,
                DatabaseErrorKind::ForeignKeyViolation => Nature::Dangling,
                DatabaseErrorKind::SerializationFailure => Nature::InTheWay,
                _ if is_in_the_way(info.message()) => Nature::InTheWay,
                _ => Nature::Other,
            },
            _ => Nature::Other,
        }
    }

    /// Whether the database merely had no time.
    fn is_busy(&self) -> bool {
        matches!(self, Self::Full) || self.nature() == Nature::InTheWay || {
            matches!(self, Self::Connect(why) | Self::Commit(why) if is_in_the_way(why))
        }
    }
}

/// Deadlocks, lock time-outs and full servers are told apart from other failures by their words
/// only: diesel passes no SQLSTATE on for them.
fn is_in_the_way(message: &str) -> bool {
    const WORDS: [&str; 8] = [
        "deadlock detected",
        "could not serialize access",
        "due to lock timeout",
        "restart transaction",
        "database is locked",
        "database table is locked",
        "too many clients already",
        "remaining connection slots are reserved",
    ];
    WORDS.iter().any(|words| message.contains(words))
}

impl From<DbError> for StoreError {
    fn from(error: DbError) -> Self {
        if error.is_busy() {
            return Self::Busy;
        }
        match error {
            DbError::Corrupt { what, key } => Self::Corrupt { what, key },
            error => match error.nature() {
                Nature::Taken | Nature::Dangling => Self::Conflict,
                Nature::InTheWay | Nature::Other => Self::Backend(Box::new(error)),
            },
        }
    }
}

/// Decides how often a whole operation is tried again.
#[cfg(feature = "postgres")]
#[derive(Debug, Default)]
pub(crate) struct Retries {
    in_the_way: u32,
    dangling: bool,
}

#[cfg(feature = "postgres")]
impl Retries {
    const LIMIT: u32 = 5;

    /// Whether to try again after `error`; waits a little first.
    pub(crate) async fn again(&mut self, error: &DbError) -> bool {
        match error.nature() {
            Nature::InTheWay if self.in_the_way < Self::LIMIT => {
                self.in_the_way += 1;
                tokio::time::sleep(Duration::from_millis(2 << self.in_the_way)).await;
                true
            }
            Nature::Dangling => !std::mem::replace(&mut self.dangling, true),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(kind: DatabaseErrorKind, message: &str) -> DbError {
        DbError::Diesel(DieselError::DatabaseError(
            kind,
            Box::new(message.to_owned()),
        ))
    }

    #[test]
    fn failures_are_sorted_by_what_the_caller_can_do() {
        use DatabaseErrorKind as Kind;
        for (error, expected) in [
            (database(Kind::UniqueViolation, "duplicate key"), "Conflict"),
            (database(Kind::ForeignKeyViolation, "violates"), "Conflict"),
            (database(Kind::SerializationFailure, ""), "Busy"),
            (database(Kind::Unknown, "deadlock detected"), "Busy"),
            (database(Kind::Unknown, "database is locked"), "Busy"),
            (database(Kind::Unknown, "disk I/O error"), "Backend"),
            (DbError::Full, "Busy"),
            (DbError::Panicked, "Backend"),
            (
                DbError::Corrupt {
                    what: "flow",
                    key: "x".into(),
                },
                "Corrupt",
            ),
        ] {
            let text = format!("{:?}", StoreError::from(error));
            assert!(text.starts_with(expected), "{text} is no {expected}");
        }
    }

    #[cfg(feature = "postgres")]
    #[tokio::test]
    async fn a_dangling_reference_is_looked_at_twice_and_no_more() {
        let mut retries = Retries::default();
        let error = database(DatabaseErrorKind::ForeignKeyViolation, "");
        assert!(retries.again(&error).await);
        assert!(!retries.again(&error).await);
    }
}

//! Data source names in the forms that Hydra takes.

use std::fmt;
#[cfg(feature = "postgres")]
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "postgres")]
use crate::postgres::PostgresDsn;
#[cfg(feature = "sqlite")]
use crate::sqlite::SqliteDsn;

/// Where a database is: `memory`, `sqlite://…`, `sqlite3://…`, `postgres://…`, `postgresql://…`,
/// `pgx://…`, `cockroach://…`.
///
/// ```
/// use persistence::Dsn;
/// let dsn = Dsn::parse("postgres://web:hunter2@db.internal/hydrus?sslmode=disable&max_conns=8")?;
/// assert_eq!(format!("{dsn:?}"), "Dsn(postgres)");
/// assert!(Dsn::parse("oracle://x").is_err());
/// # Ok::<(), persistence::DsnError>(())
/// ```
#[derive(Clone)]
pub struct Dsn(pub(crate) Kind);

#[derive(Clone)]
pub(crate) enum Kind {
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteDsn),
    #[cfg(feature = "postgres")]
    Postgres(Arc<PostgresDsn>),
}

/// Why a data source name cannot be used. No part of it that could be a password is repeated.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DsnError {
    /// There is no `driver://` in front.
    #[error("the DSN has no driver; it has to be 'memory' or begin with sqlite:// or postgres://")]
    NoDriver,
    /// A driver that this server does not have.
    #[error("the DSN's driver {driver:?} is not supported; use sqlite, postgres or cockroach")]
    Unsupported {
        /// What stands before `://`.
        driver: String,
    },
    /// A driver that this executable was built without.
    #[error("this executable was built without the driver {driver:?} that the DSN asks for")]
    NotBuiltIn {
        /// The driver.
        driver: &'static str,
    },
    /// A parameter with a name or value that means nothing.
    #[error("the DSN's parameter {name:?} is unknown or has an unknown value")]
    Parameter {
        /// Its name.
        name: String,
    },
    /// Anything else.
    #[error("the DSN cannot be read: {why}")]
    Malformed {
        /// What is wrong.
        why: String,
    },
}

/// The parameters of the connection pool, which stand in the DSN beside those of the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PoolOptions {
    /// `max_conns`: connections at the most; twice the processors by default.
    pub(crate) max_conns: usize,
    /// `max_conn_lifetime`: how old a connection may become.
    pub(crate) max_conn_lifetime: Option<Duration>,
    /// `max_conn_idle_time`: how long one may be unused.
    pub(crate) max_conn_idle_time: Option<Duration>,
}

impl Default for PoolOptions {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            max_conns: 2 * processors,
            max_conn_lifetime: None,
            max_conn_idle_time: None,
        }
    }
}

impl Dsn {
    /// Reads a data source name.
    ///
    /// # Errors
    /// [`DsnError`], if it names no database of this executable.
    pub fn parse(dsn: &str) -> Result<Self, DsnError> {
        if dsn == "memory" {
            return sqlite("", &[("mode".to_owned(), "memory".to_owned())]);
        }
        let (driver, rest) = dsn.split_once("://").ok_or(DsnError::NoDriver)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut params: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let pool = take_pool_options(&mut params);
        match driver {
            "sqlite" | "sqlite3" => sqlite(rest, &params),
            "postgres" | "postgresql" | "pgx" | "cockroach" => postgres(rest, params, pool),
            _ => Err(DsnError::Unsupported {
                driver: driver.chars().take(32).collect(),
            }),
        }
    }

    /// A database in memory that no other handle sees.
    ///
    /// # Errors
    /// [`DsnError::NotBuiltIn`] without SQLite.
    pub fn memory() -> Result<Self, DsnError> {
        Self::parse("memory")
    }

    /// Whether the data goes with the process; such a database has to be migrated by whoever opens
    /// it.
    #[must_use]
    pub fn is_memory(&self) -> bool {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(dsn) => dsn.path.is_none(),
            #[cfg(feature = "postgres")]
            Kind::Postgres(_) => false,
        }
    }

    /// The database's name: `sqlite` or `postgres`.
    #[must_use]
    pub fn driver(&self) -> &'static str {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Kind::Sqlite(_) => "sqlite",
            #[cfg(feature = "postgres")]
            Kind::Postgres(_) => "postgres",
        }
    }
}

impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dsn({})", self.driver())
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(path: &str, params: &[(String, String)]) -> Result<Dsn, DsnError> {
    let param = |names: &[&str]| {
        params
            .iter()
            .rev()
            .find(|(n, _)| names.contains(&n.as_str()))
            .map(|(_, v)| v.as_str())
    };
    let mut dsn = SqliteDsn::memory();
    if path != ":memory:" && param(&["mode"]) != Some("memory") {
        if path.is_empty() {
            return Err(DsnError::Malformed {
                why: "it names no file".to_owned(),
            });
        }
        dsn.path = Some(path.to_owned());
    }
    if let Some(millis) = param(&["_busy_timeout", "_timeout"]) {
        let millis = millis.parse().map_err(|_| parameter("_busy_timeout"))?;
        dsn.busy_timeout = Duration::from_millis(millis);
    }
    if let Some(word) = param(&["_synchronous", "_sync"]) {
        dsn.synchronous = match word.to_ascii_uppercase().as_str() {
            "OFF" | "0" => "OFF",
            "NORMAL" | "1" => "NORMAL",
            "FULL" | "2" => "FULL",
            "EXTRA" | "3" => "EXTRA",
            _ => return Err(parameter("_synchronous")),
        };
    }
    Ok(Dsn(Kind::Sqlite(dsn)))
}

#[cfg(feature = "sqlite")]
fn parameter(name: &str) -> DsnError {
    DsnError::Parameter {
        name: name.to_owned(),
    }
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &str, _: &[(String, String)]) -> Result<Dsn, DsnError> {
    Err(DsnError::NotBuiltIn { driver: "sqlite" })
}

#[cfg(feature = "postgres")]
fn postgres(rest: &str, params: Vec<(String, String)>, pool: PoolOptions) -> Result<Dsn, DsnError> {
    PostgresDsn::parse(rest, params, pool).map(|dsn| Dsn(Kind::Postgres(Arc::new(dsn))))
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: &str, _: Vec<(String, String)>, _: PoolOptions) -> Result<Dsn, DsnError> {
    Err(DsnError::NotBuiltIn { driver: "postgres" })
}

/// Takes the pool's parameters out. As with Hydra, a value that cannot be read is passed over.
fn take_pool_options(params: &mut Vec<(String, String)>) -> PoolOptions {
    let mut options = PoolOptions::default();
    params.retain(|(name, value)| {
        let understood = match name.as_str() {
            "max_conns" => match value.parse() {
                Ok(count) if count > 0 => {
                    options.max_conns = count;
                    true
                }
                _ => false,
            },
            // Idle connections are not counted, since they cost little; `max_conn_idle_time` and
            // `max_conn_lifetime` end them.
            "max_idle_conns" => value.parse::<u32>().is_ok(),
            "max_conn_lifetime" => go_duration(value).map(|d| options.max_conn_lifetime = d).is_some(),
            "max_conn_idle_time" => {
                go_duration(value).map(|d| options.max_conn_idle_time = d).is_some()
            }
            _ => return true,
        };
        if !understood {
            tracing::warn!(dsn.parameter = %name, "the DSN's pool parameter cannot be read and is passed over");
        }
        false
    });
    options
}

/// Reads a duration such as `1h30m`; the inner `None`: zero, which means without limit.
fn go_duration(text: &str) -> Option<Option<Duration>> {
    let mut total = Duration::ZERO;
    let mut rest = text;
    if rest == "0" {
        return Some(None);
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        total = total.checked_add(Duration::try_from_secs_f64(number * unit).ok()?)?;
        rest = &rest[letters..];
    }
    (!text.is_empty()).then_some((!total.is_zero()).then_some(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_are_told_apart() {
        for (dsn, expected) in [
            ("memory", Ok(("sqlite", true))),
            (
                "sqlite:///var/lib/db.sqlite?_fk=true",
                Ok(("sqlite", false)),
            ),
            (
                "sqlite3://db.sqlite?_fk=true&max_conns=4",
                Ok(("sqlite", false)),
            ),
            ("sqlite://:memory:?_fk=true", Ok(("sqlite", true))),
            (
                "sqlite://file:x?_fk=true&mode=memory&cache=shared",
                Ok(("sqlite", true)),
            ),
            ("postgres://u:p@h/db", Ok(("postgres", false))),
            (
                "postgresql://u:p@h/db?sslmode=disable",
                Ok(("postgres", false)),
            ),
            (
                "cockroach://u@h:26257/db?sslmode=disable",
                Ok(("postgres", false)),
            ),
            (
                "mysql://u:p@tcp(h:3306)/db",
                Err(DsnError::Unsupported {
                    driver: "mysql".into(),
                }),
            ),
            ("db.sqlite", Err(DsnError::NoDriver)),
        ] {
            let read = Dsn::parse(dsn).map(|dsn| (dsn.driver(), dsn.is_memory()));
            if let Err(DsnError::NotBuiltIn { .. }) = read {
                continue;
            }
            assert_eq!(read, expected, "{dsn}");
        }
    }

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, expected) in [
            ("90s", Some(Some(90.0))),
            ("1h30m", Some(Some(5400.0))),
            ("1.5s", Some(Some(1.5))),
            ("0", Some(None)),
            ("0s", Some(None)),
            ("", None),
            ("5", None),
            ("5 minutes", None),
        ] {
            let read = go_duration(text).map(|limit| limit.map(|d| d.as_secs_f64()));
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn pool_parameters_do_not_reach_the_driver() {
        let mut params = vec![
            ("max_conns".to_owned(), "7".to_owned()),
            ("max_idle_conns".to_owned(), "x".to_owned()),
            ("sslmode".to_owned(), "disable".to_owned()),
        ];
        let options = take_pool_options(&mut params);
        assert_eq!(options.max_conns, 7);
        assert_eq!(params, [("sslmode".to_owned(), "disable".to_owned())]);
    }
}

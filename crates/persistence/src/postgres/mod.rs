//! PostgreSQL: a pool of connections, with TLS where the DSN asks for it.

mod options;
mod pool;
mod tls;

pub(crate) use options::PostgresDsn;
pub(crate) use pool::{Postgres, PostgresPool, finish};

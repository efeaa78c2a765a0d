//! The pool, and transactions on its connections.

use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{HookError, PoolError as Managed, TimeoutType};
use diesel::ConnectionError;
use diesel_async::pooled_connection::deadpool::{Hook, Object, Pool, PoolError};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, TransactionManager};
use futures::future::FutureExt;

use super::PostgresDsn;
use crate::counters::Counters;
use crate::error::DbError;

/// The connection that bodies of operations see.
pub(crate) type Postgres = AsyncPgConnection;

type Manager = <Postgres as AsyncConnection>::TransactionManager;

/// How long an operation waits for a connection before it is told that the database is busy.
const WAIT: Duration = Duration::from_secs(10);

/// Connections to one database.
#[derive(Clone)]
pub(crate) struct PostgresPool(Pool<Postgres>);

impl PostgresPool {
    /// Makes the pool; connections are made when they are needed.
    pub(crate) fn new(dsn: Arc<PostgresDsn>, counters: &Counters) -> Result<Self, DbError> {
        let mut config = ManagerConfig::default();
        // A closed connection is noticed without asking: the pool looks at the socket's end.
        config.recycling_method = RecyclingMethod::Fast;
        let (counters, options) = (counters.clone(), dsn.pool);
        config.custom_setup = Box::new(move |_| {
            let (dsn, counters) = (dsn.clone(), counters.clone());
            async move {
                let mut conn = dsn.connect().await?;
                conn.set_instrumentation(counters);
                Ok(conn)
            }
            .boxed()
        });
        let manager = AsyncDieselConnectionManager::new_with_config(String::new(), config);
        Pool::builder(manager)
            .runtime(Runtime::Tokio1)
            .max_size(options.max_conns)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .recycle_timeout(Some(WAIT))
            .pre_recycle(Hook::sync_fn(move |_, metrics| {
                let over = |limit: Option<Duration>, age: Duration| limit.is_some_and(|l| age > l);
                if over(options.max_conn_lifetime, metrics.age())
                    || over(options.max_conn_idle_time, metrics.last_used())
                {
                    return Err(HookError::message("the connection is too old"));
                }
                Ok(())
            }))
            .build()
            .map(Self)
            .map_err(|error| DbError::Connect(error.to_string()))
    }

    /// A connection.
    pub(crate) async fn get(&self) -> Result<Object<Postgres>, DbError> {
        self.0.get().await.map_err(pool_error)
    }

    /// A connection with an open transaction.
    pub(crate) async fn begin(&self) -> Result<Object<Postgres>, DbError> {
        let mut pooled = self.get().await?;
        Manager::begin_transaction(&mut *pooled).await?;
        Ok(pooled)
    }
}

/// Ends the transaction as the outcome of its body demands.
pub(crate) async fn finish<T>(
    mut pooled: Object<Postgres>,
    outcome: Result<T, DbError>,
) -> Result<T, DbError> {
    match outcome {
        Ok(value) => {
            Manager::commit_transaction(&mut *pooled).await?;
            Ok(value)
        }
        Err(error) => {
            // If this fails, the pool throws the connection away, which rolls back as well; the
            // first error says more.
            let _ = Manager::rollback_transaction(&mut *pooled).await;
            Err(error)
        }
    }
}

fn pool_error(error: PoolError) -> DbError {
    match error {
        Managed::Timeout(TimeoutType::Wait) => DbError::Full,
        Managed::Timeout(_) => DbError::Connect("no answer in time".to_owned()),
        Managed::Closed => DbError::Closed,
        Managed::Backend(error) => DbError::Connect(error.to_string()),
        other => DbError::Connect(other.to_string()),
    }
}

/// Wraps the failure to connect in the way pools expect; the text names no password.
pub(super) fn refused(error: &dyn std::error::Error) -> ConnectionError {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    ConnectionError::BadConnection(text)
}

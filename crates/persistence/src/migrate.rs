//! Brings tables up to date: migrations are compiled in and run in order, by one replica at a time.

use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use oauth_types::{StoreError, StoreResult};

use crate::Dsn;
use crate::db::{Arm, Db};
use crate::dispatch::read;
use crate::dsn::Kind;
use crate::error::DbError;
use crate::statement::{fixed, statements};

#[cfg(feature = "sqlite")]
const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// What replicas that migrate PostgreSQL lock: any number that other programs do not use.
#[cfg(feature = "postgres")]
const LOCK: i64 = 0x6879_6472_7573;

statements! {
    Applied = "SELECT version FROM __diesel_schema_migrations ORDER BY version", -> (Text,);
}

/// Runs what is pending and names it.
pub(crate) async fn run(arm: &Arm, dsn: &Dsn) -> Result<Vec<String>, DbError> {
    match (arm, &dsn.0) {
        #[cfg(feature = "sqlite")]
        (Arm::Sqlite(threads), _) => {
            let versions = threads
                .alone(async |conn| {
                    // `IMMEDIATE` lets other processes wait before they look what is pending.
                    let work = |conn: &mut diesel::SqliteConnection| {
                        conn.immediate_transaction(|conn| pending(conn, SQLITE))
                    };
                    Ok(conn.spawn_blocking(work).await?)
                })
                .await?;
            Ok(named(&versions))
        }
        #[cfg(feature = "postgres")]
        (Arm::Postgres(_), Kind::Postgres(options)) => {
            use diesel::connection::SimpleConnection;
            use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;

            // A connection of its own: the lock ends with it, whatever happens.
            let conn = options
                .connect()
                .await
                .map_err(|error| DbError::Connect(error.to_string()))?;
            let versions = tokio::task::spawn_blocking(move || {
                let mut conn: AsyncConnectionWrapper<_> = conn.into();
                conn.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))?;
                pending(&mut conn, POSTGRES)
            });
            Ok(named(&versions.await.map_err(|_| DbError::Panicked)??))
        }
        #[cfg(all(feature = "sqlite", feature = "postgres"))]
        (Arm::Postgres(_), Kind::Sqlite(_)) => Err(DbError::Closed),
    }
}

/// The versions that the database has seen.
pub(crate) async fn applied_versions(db: &Db) -> StoreResult<Vec<String>> {
    let outcome: Result<Vec<(String,)>, StoreError> =
        read!(db, |conn| Ok(fixed(Applied, []).load(conn).await?));
    match outcome {
        Ok(rows) => Ok(rows.into_iter().map(|(version,)| version).collect()),
        Err(StoreError::Backend(error)) if is_missing_table(&error.to_string()) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The names of all migrations, oldest first. They are the same for every database.
pub(crate) fn names() -> Vec<String> {
    #[cfg(feature = "sqlite")]
    return names_of::<diesel::sqlite::Sqlite>(&SQLITE);
    #[cfg(all(feature = "postgres", not(feature = "sqlite")))]
    return names_of::<diesel::pg::Pg>(&POSTGRES);
}

/// Whether the migration of this name has one of these versions.
pub(crate) fn is_in(name: &str, versions: &[String]) -> bool {
    versions.iter().any(|version| *version == version_of(name))
}

/// diesel's rule: what stands before the first `_`, without dashes.
fn version_of(name: &str) -> String {
    name.split('_').next().unwrap_or_default().replace('-', "")
}

fn names_of<B: Backend>(source: &EmbeddedMigrations) -> Vec<String> {
    let migrations: Vec<Box<dyn Migration<B>>> = source.migrations().unwrap_or_default();
    let mut names: Vec<String> = migrations.iter().map(|m| m.name().to_string()).collect();
    names.sort();
    names
}

fn named(versions: &[MigrationVersion<'static>]) -> Vec<String> {
    let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
    names()
        .into_iter()
        .filter(|name| is_in(name, &versions))
        .collect()
}

fn pending<B, C>(
    conn: &mut C,
    source: EmbeddedMigrations,
) -> Result<Vec<MigrationVersion<'static>>, DieselError>
where
    B: Backend,
    C: MigrationHarness<B>,
{
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(error.to_string()))
    };
    let run = conn.run_pending_migrations(source).map_err(failed)?;
    Ok(run.iter().map(MigrationVersion::as_owned).collect())
}

fn is_missing_table(message: &str) -> bool {
    message.contains("no such table")
        || (message.contains("relation") && message.contains("does not exist"))
}

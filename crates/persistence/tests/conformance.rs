//! Every database passes the suite that every back end has to pass.
//!
//! PostgreSQL is tried if `HYDRUS_TEST_POSTGRES` names a server on which databases may be created,
//! such as `postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable`.

mod common;

use common::Server;

#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread")]
async fn sqlite_in_memory_keeps_every_rule() {
    store_conformance::run(common::memory).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread")]
async fn sqlite_in_a_file_keeps_every_rule() {
    let folder = common::Folder::new("conformance");
    store_conformance::run_rounds(20, || folder.fresh()).await;
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread")]
async fn postgres_keeps_every_rule() {
    let Some(server) = Server::from_environment() else {
        return;
    };
    store_conformance::run(|| server.fresh()).await;
}

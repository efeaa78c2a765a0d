//! Every database passes the suite that every back end has to pass.

use crate::common;

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
    let Some(server) = common::Server::from_environment() else {
        return;
    };
    store_conformance::run(|| server.fresh()).await;
}

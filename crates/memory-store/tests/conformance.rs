//! The reference back end passes the suite that it is the reference for.

use memory_store::MemoryStore;

#[tokio::test(flavor = "multi_thread")]
async fn memory_store_keeps_every_rule() {
    store_conformance::run(|| async { MemoryStore::new() }).await;
}

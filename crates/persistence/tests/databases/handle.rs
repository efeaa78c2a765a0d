//! The handle: opening, migrating, tenants.

use client_registry::{ClientFilter, ClientStore};
use consent_flow::FlowStore;
use jwk_store::KeyStore;
use oauth_types::{LeaseStore, Page, StoreError};
use persistence::{Db, Dsn};
use store_conformance::records;

use crate::common;

const PAGE: Page = Page {
    offset: 0,
    size: 10,
};

/// Runs a check on every database there is.
macro_rules! on_every_database {
    ($($name:ident => $check:ident;)+) => { $(
        #[tokio::test]
        async fn $name() {
            #[cfg(feature = "sqlite")]
            {
                let folder = common::Folder::new(stringify!($name));
                $check(&folder.dsn("db")).await;
            }
            #[cfg(feature = "postgres")]
            if let Some(server) = common::Server::from_environment() {
                $check(&server.create().await).await;
            }
        }
    )+ };
}

on_every_database! {
    tenants_do_not_see_each_other => check_tenants;
    replicas_that_migrate_at_once_do_it_once => check_migrations;
    rows_outlive_the_handle => check_reopening;
    nul_in_a_text_is_a_character_like_others => check_nul;
    rows_of_deleted_clients_are_refused_as_conflicts => check_dangling;
}

async fn open(dsn: &str) -> Db {
    Db::open(&Dsn::parse(dsn).unwrap()).await.unwrap()
}

async fn check_tenants(dsn: &str) {
    let zero = common::migrated(dsn).await;
    let one = zero.clone().tenant(1);
    let client = records::client("web");
    zero.create(client.clone()).await.unwrap();
    assert_eq!(one.client(&client.id).await.unwrap(), None);
    one.create(client.clone()).await.unwrap();
    assert!(one.delete(&client.id).await.unwrap());
    assert_eq!(zero.client(&client.id).await.unwrap(), Some(client));
    let listed = one.list(&ClientFilter::default(), PAGE).await.unwrap();
    assert_eq!((listed.items.len(), listed.total), (0, 0));
    let (now, until) = (records::at(0), records::at(60));
    assert!(zero.acquire_lease("purge", "a", now, until).await.unwrap());
    assert!(one.acquire_lease("purge", "b", now, until).await.unwrap());
    zero.add_key(records::key("set", "kid", 1)).await.unwrap();
    assert_eq!(one.key_set("set").await.unwrap(), []);
    zero.create_flow(records::flow("f", "web")).await.unwrap();
    let expired = FlowStore::remove_expired(&one, oauth_types::Timestamp::NEVER, 10);
    assert_eq!(expired.await.unwrap(), 0);
}

async fn check_migrations(dsn: &str) {
    let first = open(dsn).await;
    assert!(!first.is_migrated().await.unwrap());
    let pending = first.pending_migrations().await.unwrap();
    assert_eq!(first.applied_migrations().await.unwrap(), [""; 0]);
    let mut replicas = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let dsn = dsn.to_owned();
        replicas.spawn(async move { open(&dsn).await.migrate().await.unwrap() });
    }
    let mut run: Vec<String> = replicas.join_all().await.into_iter().flatten().collect();
    run.sort();
    assert_eq!(run, pending, "each migration was run by one replica");
    assert!(first.is_migrated().await.unwrap());
    assert_eq!(first.applied_migrations().await.unwrap(), pending);
    first.ping().await.unwrap();
}

async fn check_reopening(dsn: &str) {
    let client = records::client("web");
    common::migrated(dsn)
        .await
        .create(client.clone())
        .await
        .unwrap();
    assert_eq!(
        open(dsn).await.client(&client.id).await.unwrap(),
        Some(client)
    );
}

async fn check_nul(dsn: &str) {
    let db = common::migrated(dsn).await;
    let mut client = records::client("a\0b");
    client.name = "\0".to_owned();
    db.create(client.clone()).await.unwrap();
    assert_eq!(db.client(&client.id).await.unwrap(), Some(client));
    for other in ["a", "a\u{1}0b", "ab", "a\0b\0"] {
        assert_eq!(db.client(&other.into()).await.unwrap(), None, "{other:?}");
    }
    for (name, found) in [("\0", 1), ("", 0), ("\u{1}0", 0)] {
        let filter = ClientFilter {
            name: Some(name.to_owned()),
            owner: None,
        };
        assert_eq!(
            db.list(&filter, PAGE).await.unwrap().items.len(),
            found,
            "{name:?}"
        );
    }
}

async fn check_dangling(dsn: &str) {
    let db = common::migrated(dsn).await;
    let created = db.create_flow(records::flow("f", "nobody")).await;
    assert!(matches!(created, Err(StoreError::Conflict)), "{created:?}");
}

#[tokio::test]
async fn databases_that_do_not_answer_are_named_without_their_password() {
    for dsn in [
        "sqlite:///nowhere/at/all.sqlite?_fk=true",
        "postgres://web:hunter2@127.0.0.1:1/db?sslmode=disable",
        "postgres://web:hunter2@127.0.0.1:1/db?sslmode=verify-full&sslrootcert=/nowhere.pem",
    ] {
        let Ok(parsed) = Dsn::parse(dsn) else {
            continue;
        };
        let error = Db::open(&parsed).await.unwrap_err();
        let text = format!("{error} {error:?} {parsed:?}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn databases_in_memory_are_private() {
    let (one, other) = (common::memory().await, common::memory().await);
    one.create(records::client("web")).await.unwrap();
    assert_eq!(other.client(&"web".into()).await.unwrap(), None);
}

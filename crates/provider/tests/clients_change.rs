//! Changes of stored clients: what stays, what goes first, and what a race does.

use std::sync::atomic::{AtomicBool, Ordering};

use oauth_types::{ErrorCode, OAuthError, Secret};
use provider::{Client, ClientDraft, ClientLifespans, parse_duration};
use test_support::World;

fn world() -> World {
    World::with(|policy| policy.clients.subject_types = vec!["public".to_owned()])
}

/// A draft of the stored client with another owner.
fn owned_by(stored: &Client, owner: &str) -> ClientDraft {
    ClientDraft {
        chosen_id: String::new(),
        secret: Secret::default(),
        client: Client {
            owner: owner.to_owned(),
            ..stored.clone()
        },
    }
}

fn malformed() -> OAuthError {
    ErrorCode::Malformed.into()
}

#[tokio::test]
async fn a_patch_keeps_secret_registration_token_and_creation_time() {
    let world = world();
    let id = world.client("openid").await.id;
    let before = world.provider.get_client(&id).await.unwrap();
    world.clock.advance(10);
    let patched = world
        .provider
        .patch_client(&id, |stored| Ok(owned_by(stored, "team")))
        .await
        .unwrap();
    assert!(patched.secret.is_none());
    let after = world.provider.get_client(&id).await.unwrap();
    assert_eq!(after, patched.client);
    assert_eq!(after.owner, "team");
    assert_eq!(after.secret, before.secret);
    assert_eq!(after.registration_signature, before.registration_signature);
    assert_eq!(after.created_at, before.created_at);
    assert!(after.updated_at > before.updated_at);
}

#[tokio::test]
async fn a_secret_that_a_patch_brings_is_hashed_and_told_once() {
    let world = world();
    let id = world.client("openid").await.id;
    let before = world.provider.get_client(&id).await.unwrap();
    let change = |secret: &'static str| {
        move |stored: &Client| {
            let mut draft = owned_by(stored, "team");
            draft.secret = Secret::new(secret);
            Ok(draft)
        }
    };
    let patched = world.provider.patch_client(&id, change("a-new-secret"));
    let patched = patched.await.unwrap();
    assert_eq!(patched.secret.unwrap().expose(), "a-new-secret");
    assert_ne!(patched.client.secret, before.secret);
    let error = world.provider.patch_client(&id, change("short"));
    assert!(
        error
            .await
            .unwrap_err()
            .is(ErrorCode::InvalidClientMetadata)
    );
    let after = world.provider.get_client(&id).await.unwrap();
    assert_eq!(after.secret, patched.client.secret);
}

#[tokio::test]
async fn an_unknown_client_is_told_before_a_bad_body() {
    let world = world();
    let id = world.client("openid").await.id;
    for (id, code) in [
        ("nobody", ErrorCode::RowNotFound),
        (&*id, ErrorCode::Malformed),
    ] {
        let patched = world.provider.patch_client(id, |_| Err(malformed())).await;
        assert!(patched.unwrap_err().is(code), "{id}");
        let set = world.provider.set_client_lifespans(id, Err(malformed()));
        assert!(set.await.unwrap_err().is(code), "{id}");
    }
}

#[tokio::test]
async fn lifespans_are_replaced_as_a_whole() {
    let world = world();
    let id = world.client("openid").await.id;
    let hour = parse_duration("1h").ok();
    let first = ClientLifespans {
        implicit_grant_id_token: hour,
        ..ClientLifespans::default()
    };
    let second = ClientLifespans {
        jwt_bearer_grant_access_token: hour,
        ..ClientLifespans::default()
    };
    for lifespans in [first, second, ClientLifespans::default()] {
        let set = world
            .provider
            .set_client_lifespans(&id, Ok(lifespans.clone()));
        assert_eq!(set.await.unwrap().lifespans, lifespans);
        let stored = world.provider.get_client(&id).await.unwrap();
        assert_eq!(stored.lifespans, lifespans);
    }
}

/// A patch that lost against another is made anew of what is stored then, so that both count.
#[tokio::test(flavor = "multi_thread")]
async fn a_patch_that_lost_a_race_sees_what_won() {
    let world = world();
    let id = world.client("openid").await.id;
    let provider = world.provider.clone();
    let interfered = AtomicBool::new(false);
    let change = |stored: &Client| {
        if !interfered.swap(true, Ordering::Relaxed) {
            let other = provider.patch_client(&id, |stored| {
                let mut draft = owned_by(stored, "others");
                draft.client.contacts.push("between".to_owned());
                Ok(draft)
            });
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(other))?;
        }
        Ok(ClientDraft {
            chosen_id: String::new(),
            secret: Secret::default(),
            client: Client {
                name: "last".to_owned(),
                ..stored.clone()
            },
        })
    };
    let patched = provider.patch_client(&id, change).await.unwrap();
    assert_eq!(patched.client.name, "last");
    assert_eq!(patched.client.contacts, ["between"]);
    assert_eq!(patched.client.owner, "others");
}

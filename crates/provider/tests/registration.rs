//! Clients that register and manage themselves: who may, what is renewed, and what stays.
#![expect(
    clippy::expect_used,
    reason = "helpers of tests; a failure is a failed test"
)]

use std::sync::Arc;

use oauth_types::{ClientId, ErrorCode, FormBody, OAuthError, Secret};
use provider::{BearerRequest, Client, ClientDraft, Registration};
use test_support::World;
use tokio::task::JoinSet;

fn named(name: &str) -> Registration {
    let mut client = Client::new(ClientId::default());
    client.name = name.to_owned();
    Registration {
        draft: ClientDraft {
            chosen_id: String::new(),
            secret: Secret::default(),
            client,
        },
        has_metadata: false,
    }
}

fn bearer(token: &str) -> BearerRequest<'static> {
    BearerRequest {
        authorization: Some(format!("Bearer {token}")),
        query: "",
        form: FormBody::None,
    }
}

async fn registered(world: &World, name: &str) -> (String, String) {
    let made = world
        .provider
        .register(Ok(named(name)))
        .await
        .expect("registered");
    let token = made.registration_access_token.expose().to_owned();
    (made.client.id.to_string(), token)
}

fn check_refused<T: std::fmt::Debug>(outcome: Result<T, OAuthError>, code: ErrorCode) {
    let error = outcome.expect_err("refused");
    assert!(error.is(code), "{error:?}");
}

#[tokio::test]
async fn only_the_clients_own_token_opens_its_registration() {
    let world = World::new();
    let (id, token) = registered(&world, "a").await;
    let (other, others) = registered(&world, "b").await;
    let opens = async |id: &str, token: &str| world.provider.registration(id, &bearer(token)).await;
    assert_eq!(opens(&id, &token).await.expect("its own").name, "a");
    let bare = token.strip_prefix("ory_at_").expect("its prefix");
    assert!(opens(&id, bare).await.is_ok());
    let client = world.client("openid").await;
    let access = world.tokens(&client, "alice", "openid").await.access_token;
    for (id, token) in [
        (id.as_str(), others.as_str()),
        (&id, ""),
        (&id, "nonsense"),
        (&id, access.expose()),
        (&client.id, access.expose()),
        (&other, &token),
        ("unknown", &token),
    ] {
        check_refused(opens(id, token).await, ErrorCode::NotAuthorized);
    }
}

#[tokio::test]
async fn an_empty_signature_opens_nothing() {
    let world = World::new();
    let (id, token) = registered(&world, "a").await;
    let draft = named("replaced by the administrator").draft;
    let replaced = world.provider.replace_client(&id, draft).await;
    replaced.expect("replaced");
    for token in [token.as_str(), "", ".", "ory_at_."] {
        let outcome = world.provider.registration(&id, &bearer(token)).await;
        check_refused(outcome, ErrorCode::NotAuthorized);
    }
}

#[tokio::test]
async fn a_change_renews_the_token_and_keeps_secret_and_metadata() {
    let world = World::new();
    let mut draft = named("before").draft;
    draft.client.metadata = r#"{"level":1}"#.to_owned();
    let made = world.provider.create_client(draft).await.expect("created");
    let id = made.client.id.as_str();
    let old = bearer(made.registration_access_token.expose());
    let change = async |bearer| {
        let body = Ok(named("after"));
        world.provider.change_registration(id, &bearer, body).await
    };
    let changed = change(old.clone()).await.expect("changed");
    assert_eq!(changed.client.name, "after");
    assert_eq!(changed.client.metadata, r#"{"level":1}"#);
    assert_eq!(changed.client.secret, made.client.secret);
    assert_eq!(
        changed.registration_client_uri,
        made.registration_client_uri
    );
    check_refused(change(old).await, ErrorCode::NotAuthorized);
    let new = bearer(changed.registration_access_token.expose());
    change(new).await.expect("the new token is good");
}

#[tokio::test]
async fn a_refused_change_leaves_the_token_good() {
    let world = World::new();
    let (id, token) = registered(&world, "a").await;
    let mut secret = named("x");
    secret.draft.secret = Secret::new("a-secret-of-my-own");
    let mut metadata = named("x");
    metadata.has_metadata = true;
    let mut redirect = named("x");
    redirect.draft.client.redirect_uris = vec!["nope".to_owned()];
    for (body, code) in [
        (Ok(secret), ErrorCode::Forbidden),
        (Ok(metadata), ErrorCode::InvalidClientMetadata),
        (Ok(redirect), ErrorCode::InvalidRedirectUri),
        (Err("EOF".to_owned()), ErrorCode::Malformed),
    ] {
        let bearer = bearer(&token);
        let outcome = world.provider.change_registration(&id, &bearer, body).await;
        check_refused(outcome, code);
    }
    let client = world.provider.registration(&id, &bearer(&token)).await;
    assert_eq!(client.expect("still good").name, "a");
}

#[tokio::test]
async fn of_many_changes_with_one_token_one_is_made() {
    let world = Arc::new(World::new());
    let (id, token) = registered(&world, "a").await;
    let mut changes = JoinSet::new();
    for _ in 0..24 {
        let (world, id, bearer) = (world.clone(), id.clone(), bearer(&token));
        changes.spawn(async move {
            let body = Ok(named("b"));
            world.provider.change_registration(&id, &bearer, body).await
        });
    }
    let outcomes = changes.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_client_removes_itself_once() {
    let world = World::new();
    let (id, token) = registered(&world, "a").await;
    let remove = async || {
        world
            .provider
            .delete_registration(&id, &bearer(&token))
            .await
    };
    remove().await.expect("removed");
    check_refused(remove().await, ErrorCode::NotAuthorized);
    check_refused(world.provider.get_client(&id).await, ErrorCode::RowNotFound);
}

#[tokio::test]
async fn where_it_is_switched_off_nothing_else_is_looked_at() {
    let world = World::with(|policy| policy.dynamic_registration = false);
    let made = world.provider.create_client(named("a").draft).await;
    let made = made.expect("administrators may");
    let token = bearer(made.registration_access_token.expose());
    let id = made.client.id.as_str();
    let provider = &world.provider;
    let off = ErrorCode::SwitchedOff;
    check_refused(provider.register(Err("EOF".into())).await, off);
    check_refused(provider.registration(id, &token).await, off);
    let change = provider.change_registration(id, &token, Err("EOF".into()));
    check_refused(change.await, off);
    check_refused(provider.delete_registration(id, &token).await, off);
}

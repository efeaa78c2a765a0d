//! Code and access token together (OpenID Connect Core §3.3): what the end of one means to the other.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests that cannot go on"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use memory_store::MemoryStore;
use oauth_core::{
    AccessRecord, Authorized, FoundCode, FoundRefresh, GrantStore, NewAuthorization, NewTokens,
    Redeemed, Rotated, Rotation, TokenResponse,
};
use oauth_types::{
    AccessSignature, ClientGuard, ClientId, CodeSignature, FormBody, Found, GrantId, Guarded,
    OAuthError, Params, RefreshSignature, Secret, StoreResult, Timestamp,
};
use provider::{Go, Stores};
use test_support::{TestClient, World};

/// Walks through a hybrid flow; returns the code and the front-channel token.
async fn code_and_token(world: &World, client: &TestClient) -> (String, Secret) {
    let mut robot = world.robot();
    let go = robot
        .walk(client, "alice", "openid offline", "code token")
        .await;
    let Go::Client(url) = go else {
        panic!("the client is answered")
    };
    let (_, fragment) = url.split_once('#').expect("the answer is in the fragment");
    let answer = Params::parse(fragment);
    let (code, token) = (answer.text("code"), answer.text("access_token"));
    assert!(!code.is_empty() && !token.is_empty(), "{url}");
    (code.to_owned(), Secret::new(token))
}

async fn redeem(
    world: &World,
    client: &TestClient,
    code: &str,
) -> Result<TokenResponse, OAuthError> {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", client.redirect_uri.as_str()),
    ];
    world.token(client, &form).await
}

async fn revoke(world: &World, client: &TestClient, token: &Secret) {
    let form = FormBody::Urlencoded(Params::from_iter([("token", token.expose())]));
    world
        .provider
        .revoke(&form, Some(&client.basic()))
        .await
        .expect("revoked");
}

#[tokio::test]
async fn a_code_outlives_its_revoked_front_channel_token() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let (code, front) = code_and_token(&world, &client).await;
    assert!(world.is_active(&front).await);
    revoke(&world, &client, &front).await;
    // A second wish to end the dead token ends nothing of what the code buys.
    let tokens = redeem(&world, &client, &code).await.expect("still good");
    revoke(&world, &client, &front).await;
    assert!(!world.is_active(&front).await);
    assert!(world.is_active(&tokens.access_token).await);
    let refresh = tokens.refresh_token.expect("offline was granted");
    assert!(world.is_active(&refresh).await);

    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.expose()),
    ];
    let next = world.token(&client, &form).await.expect("a live token");
    assert!(world.is_active(&next.access_token).await);
    let error = redeem(&world, &client, &code)
        .await
        .expect_err("the code is spent");
    assert!(
        error
            .description(false)
            .ends_with("The authorization code has already been used.")
    );
    assert!(
        !world.is_active(&next.access_token).await,
        "a replay ends the family all the same"
    );
}

#[tokio::test]
async fn revoking_either_token_of_a_redeemed_code_ends_both() {
    for front_first in [true, false] {
        let world = World::new();
        let client = world.client("openid offline").await;
        let (code, front) = code_and_token(&world, &client).await;
        let tokens = redeem(&world, &client, &code).await.expect("a fresh code");
        assert!(world.is_active(&front).await, "redeeming ends nothing");
        let revoked = if front_first {
            &front
        } else {
            &tokens.access_token
        };
        revoke(&world, &client, revoked).await;
        assert!(!world.is_active(&front).await);
        assert!(!world.is_active(&tokens.access_token).await);
        let refresh = tokens.refresh_token.expect("offline was granted");
        assert!(!world.is_active(&refresh).await);
    }
}

#[tokio::test]
async fn a_revocation_during_the_redemption_leaves_the_code_good() {
    for (revocations, answer) in [(1, "tokens"), (3, "tokens"), (u32::MAX, "503")] {
        let store = MemoryStore::default();
        let mut stores = Stores::all(store.clone());
        let revoking = Arc::new(Revoking {
            store: store.clone(),
            left: AtomicU32::new(0),
        });
        stores.grants = revoking.clone();
        let world = World::over(store, stores, test_support::policy());
        let client = world.client("openid offline").await;
        let (code, _) = code_and_token(&world, &client).await;
        revoking.left.store(revocations, Ordering::Relaxed);
        let first = redeem(&world, &client, &code).await;
        revoking.left.store(0, Ordering::Relaxed);
        let tokens = match first {
            Ok(tokens) => {
                assert_eq!(answer, "tokens", "after {revocations}");
                tokens
            }
            Err(error) => {
                assert_eq!(answer, error.status().to_string(), "after {revocations}");
                redeem(&world, &client, &code).await.expect("still good")
            }
        };
        assert!(world.is_active(&tokens.access_token).await);
    }
}

/// A store where the tokens of a grant are revoked right after its code was looked up, so many
/// times.
struct Revoking {
    store: MemoryStore,
    left: AtomicU32,
}

#[async_trait]
impl GrantStore for Revoking {
    async fn code(&self, signature: &CodeSignature) -> StoreResult<Option<Found<FoundCode>>> {
        let found = self.store.code(signature).await?;
        let left = self.left.load(Ordering::Relaxed);
        if let (Some(found), Some(rest)) = (&found, left.checked_sub(1)) {
            self.left.store(rest, Ordering::Relaxed);
            self.store.end_tokens(&found.record.record.grant_id).await?;
        }
        Ok(found)
    }

    async fn authorize(&self, new: NewAuthorization) -> StoreResult<Authorized> {
        self.store.authorize(new).await
    }

    async fn put_access(&self, token: AccessRecord, client: ClientGuard) -> StoreResult<Guarded> {
        self.store.put_access(token, client).await
    }

    async fn spend_pkce(&self, signature: &CodeSignature) -> StoreResult<()> {
        self.store.spend_pkce(signature).await
    }

    async fn redeem_code(&self, code: &CodeSignature, bought: NewTokens) -> StoreResult<Redeemed> {
        self.store.redeem_code(code, bought).await
    }

    async fn refresh(
        &self,
        signature: &RefreshSignature,
    ) -> StoreResult<Option<Found<FoundRefresh>>> {
        self.store.refresh(signature).await
    }

    async fn rotate_refresh(&self, rotation: Rotation) -> StoreResult<Rotated> {
        self.store.rotate_refresh(rotation).await
    }

    async fn end_tokens(&self, grant: &GrantId) -> StoreResult<()> {
        self.store.end_tokens(grant).await
    }

    async fn end_grant(&self, grant: &GrantId) -> StoreResult<()> {
        self.store.end_grant(grant).await
    }

    async fn end_grant_by_replay(
        &self,
        grant: &GrantId,
        presented: &RefreshSignature,
    ) -> StoreResult<()> {
        self.store.end_grant_by_replay(grant, presented).await
    }

    async fn access(
        &self,
        signature: &AccessSignature,
    ) -> StoreResult<Option<Found<AccessRecord>>> {
        self.store.access(signature).await
    }

    async fn remove_access(&self, signature: &AccessSignature) -> StoreResult<()> {
        self.store.remove_access(signature).await
    }

    async fn remove_access_of(&self, client: &ClientId) -> StoreResult<()> {
        self.store.remove_access_of(client).await
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> StoreResult<u64> {
        // Other traits of the store have a method of that name, too.
        GrantStore::remove_expired(&self.store, before, limit).await
    }
}

//! Which keys are published, and in which order.
#![expect(
    clippy::expect_used,
    reason = "helpers of tests; a failure is a failed test"
)]
#![expect(
    clippy::expect_used,
    reason = "helpers of tests, too: what they cannot do ends the test"
)]

use jwk_store::{ID_TOKEN_KEYS, JWT_ACCESS_TOKEN_KEYS};
use oauth_core::AccessTokenStrategy;
use serde_json::Value;
use test_support::World;

async fn published(world: &World) -> Vec<Value> {
    let text = world.provider.jwks().await.expect("keys");
    let jwks: Value = serde_json::from_str(&text).expect("JSON");
    let keys = jwks["keys"].as_array().expect("a list").iter();
    keys.map(|key| key["kid"].clone()).collect()
}

async fn kid(world: &World, set: &str) -> Value {
    let text = world.provider.key_set(set).await.expect("a set");
    let keys: Value = serde_json::from_str(&text).expect("JSON");
    keys["keys"][0]["kid"].clone()
}

#[tokio::test]
async fn keys_of_jwt_access_tokens_come_first_and_no_set_twice() {
    let jwt = AccessTokenStrategy::Jwt;
    let world = World::with(|policy| {
        policy.tokens.access_tokens = jwt;
        policy.broadcast_keys = vec![ID_TOKEN_KEYS.into(), JWT_ACCESS_TOKEN_KEYS.into()];
    });
    let found = published(&world).await;
    let expected = [
        kid(&world, JWT_ACCESS_TOKEN_KEYS).await,
        kid(&world, ID_TOKEN_KEYS).await,
    ];
    assert_eq!(found, expected);
}

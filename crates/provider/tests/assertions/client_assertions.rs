//! Clients that prove themselves by a signature (RFC 7523 §2.2).

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "helpers of tests, too: what they cannot do ends the test"
)]

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use client_registry::{Client, ClientKeys, ClientStore};
use crypto::{Jwk, KeyAlgorithm, RsaBits, Signer};
use oauth_types::{
    ClientId, Clock, ErrorCode, Fetch, FetchError, FetchRequest, FetchResponse, FormBody,
    OAuthError, Params,
};
use serde_json::{Value, json};
use test_support::World;

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const TOKEN_ENDPOINT: &str = "https://id.example/oauth2/token";

fn key(kid: &str) -> Jwk {
    crypto::generate(KeyAlgorithm::Es256, kid.into(), "sig", RsaBits::Bits2048).unwrap()
}

fn set(keys: &[&Jwk]) -> String {
    let keys: Vec<Value> = keys.iter().map(|key| key.to_public().to_json()).collect();
    json!({ "keys": keys }).to_string()
}

async fn client(world: &World, id: &str, change: impl FnOnce(&mut Client)) {
    let mut client = Client::new(ClientId::new(id));
    client.grant_types = vec!["client_credentials".into()];
    client.token_endpoint_auth_method = "private_key_jwt".into();
    client.token_endpoint_auth_signing_alg = "ES256".into();
    change(&mut client);
    world
        .store
        .create(client.to_record().unwrap())
        .await
        .unwrap();
}

fn claims(world: &World, id: &str, jti: &str) -> Value {
    let now = world.clock.now().as_secs();
    json!({"iss": id, "sub": id, "aud": TOKEN_ENDPOINT, "jti": jti, "iat": now, "exp": now + 60})
}

async fn send(world: &World, key: &Jwk, claims: &Value) -> Result<(), OAuthError> {
    let assertion = Signer::new(key)
        .unwrap()
        .sign_jwt(&claims.to_string())
        .unwrap();
    let form = Params::from_iter([
        ("grant_type", "client_credentials"),
        ("client_assertion_type", KIND),
        ("client_assertion", assertion.as_str()),
    ]);
    let answer = world
        .provider
        .token(&FormBody::Urlencoded(form), None)
        .await;
    answer.map(|_| ())
}

#[track_caller]
fn check(outcome: Result<(), OAuthError>, code: ErrorCode, text: &str) {
    let error = outcome.expect_err(text);
    assert!(error.is(code), "{error}");
    assert!(error.description(false).contains(text), "{error}");
}

#[tokio::test]
async fn an_assertion_counts_once_and_only_for_its_client() {
    let world = World::new();
    let key = key("a");
    for id in ["one", "two"] {
        client(&world, id, |c| {
            c.jwks = ClientKeys::parse(&set(&[&key])).ok();
        })
        .await;
    }
    let first = claims(&world, "one", "x");
    send(&world, &key, &first).await.expect("good");
    check(
        send(&world, &key, &first).await,
        ErrorCode::JtiKnown,
        "MUST only be used once",
    );
    let other = claims(&world, "two", "x");
    send(&world, &key, &other)
        .await
        .expect("another client's id");
    world.clock.advance(62);
    let later = claims(&world, "one", "x");
    send(&world, &key, &later)
        .await
        .expect("the former one is over");
}

#[tokio::test]
async fn claims_are_checked_in_order_and_only_good_ones_use_up_the_id() {
    let world = World::new();
    let (own, other) = (key("a"), key("a"));
    client(&world, "c", |c| {
        c.jwks = ClientKeys::parse(&set(&[&own])).ok();
    })
    .await;
    let now = world.clock.now().as_secs();
    for (change, text) in [
        (json!({"iss": "x"}), "Claim 'iss' from"),
        (json!({"jti": ""}), "Claim 'jti' from"),
        (json!({"jti": 5}), "Claim 'jti' from"),
        (json!({"exp": now - 1}), "claims could not be validated"),
        (json!({"exp": 0}), "claims could not be validated"),
        (json!({"iat": now + 1}), "claims could not be validated"),
        (json!({"nbf": now + 1}), "claims could not be validated"),
        (
            json!({"exp": null}),
            "Unable to type assert the expiry time",
        ),
        (json!({"sub": 5}), "The claim 'sub' from"),
    ] {
        let mut claims = claims(&world, "c", "x");
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        check(
            send(&world, &own, &claims).await,
            ErrorCode::InvalidClient,
            text,
        );
    }
    let mut claims = claims(&world, "c", "x");
    let forged = send(&world, &other, &claims).await;
    check(
        forged,
        ErrorCode::InvalidClient,
        "Unable to verify the integrity",
    );
    claims["aud"] = json!(["https://id.example/"]);
    let elsewhere = send(&world, &own, &claims).await;
    check(elsewhere, ErrorCode::InvalidClient, "Claim 'audience' from");
    claims["aud"] = json!(["https://x.example", TOKEN_ENDPOINT]);
    check(
        send(&world, &own, &claims).await,
        ErrorCode::JtiKnown,
        "MUST only be used once",
    );
    claims["jti"] = json!("y");
    send(&world, &own, &claims).await.expect("all is well");
}

/// A server whose document the test changes; it counts how often it is asked.
#[derive(Clone, Default)]
struct Documents(Arc<Mutex<(String, usize)>>);

#[async_trait]
impl Fetch for Documents {
    async fn fetch(&self, _: FetchRequest) -> Result<FetchResponse, FetchError> {
        let mut state = self.0.lock().unwrap();
        state.1 += 1;
        let body = state.0.clone().into_bytes();
        Ok(FetchResponse { status: 200, body })
    }

    async fn addresses(&self, _: &str) -> Vec<IpAddr> {
        Vec::new()
    }
}

#[tokio::test]
async fn keys_at_an_address_are_fetched_once_and_again_when_one_is_missed() {
    let documents = Documents::default();
    let world = World::with_fetch(Arc::new(documents.clone()), |_| {});
    let (old, new) = (key("old"), key("new"));
    client(&world, "c", |c| {
        c.jwks_uri = "https://c.example/jwks".into();
    })
    .await;
    let publish = |set: String| documents.0.lock().unwrap().0 = set;
    let calls = || documents.0.lock().unwrap().1;
    publish(set(&[&old]));
    for jti in ["1", "2"] {
        let claims = claims(&world, "c", jti);
        send(&world, &old, &claims).await.expect("published");
    }
    assert_eq!(calls(), 1);
    publish(set(&[&new]));
    let rotated = claims(&world, "c", "3");
    send(&world, &new, &rotated).await.expect("fetched again");
    assert_eq!(calls(), 2);
    for _ in 0..3 {
        let gone = send(&world, &old, &claims(&world, "c", "4")).await;
        check(
            gone,
            ErrorCode::InvalidRequest,
            "kid 'old', which could not be found",
        );
    }
    assert_eq!(
        calls(),
        2,
        "nobody can make the server call another again and again"
    );
}

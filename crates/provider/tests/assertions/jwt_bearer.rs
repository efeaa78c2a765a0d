//! Tokens for assertions of trusted issuers (RFC 7523 §2.1).

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "helpers of tests, too: what they cannot do ends the test"
)]

use client_registry::{Client, ClientStore};
use crypto::{Jwk, KeyAlgorithm, RsaBits, Signer};
use oauth_core::{IssuerRecord, JwtGrantPolicy, TrustStore};
use oauth_types::{
    ClientId, Clock, Duration, ErrorCode, FormBody, OAuthError, Params, Subject, Timestamp,
};
use provider::{Introspection, TokenResponse};
use serde_json::{Value, json};
use test_support::World;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_ENDPOINT: &str = "https://id.example/oauth2/token";
const ISSUER: &str = "https://issuer.example";

async fn world(rules: JwtGrantPolicy) -> World {
    let world = World::with(|policy| policy.tokens.jwt_grant = rules);
    let mut client = Client::new(ClientId::new("c"));
    client.grant_types = vec![GRANT.into()];
    client.token_endpoint_auth_method = "none".into();
    client.scope = "own".into();
    client.audience = vec!["https://api.example".into()];
    world
        .store
        .create(client.to_record().unwrap())
        .await
        .unwrap();
    world
}

/// Trusts a new key.
async fn trust(world: &World, issuer: &str, subject: Option<&str>, kid: &str) -> Jwk {
    let key = crypto::generate(KeyAlgorithm::Es256, kid.into(), "sig", RsaBits::Bits2048).unwrap();
    world.put_key(issuer, &key.to_public()).await;
    let now = world.clock.now();
    let record = IssuerRecord {
        id: format!("{issuer}/{kid}"),
        issuer: issuer.into(),
        subject: subject.map(Subject::new),
        scope: vec!["read".into(), "files.*".into()],
        kid: kid.into(),
        created_at: now,
        expires_at: now.plus_secs(3_600),
    };
    world.store.create_issuer(record).await.unwrap();
    key
}

fn claims(world: &World, jti: &str) -> Value {
    let now = world.clock.now().as_secs();
    json!({
        "iss": ISSUER, "sub": "alice", "aud": [TOKEN_ENDPOINT], "jti": jti,
        "iat": now, "exp": now + 300,
    })
}

async fn send(
    world: &World,
    key: &Jwk,
    claims: &Value,
    more: &[(&str, &str)],
) -> Result<TokenResponse, OAuthError> {
    let assertion = Signer::new(key)
        .unwrap()
        .sign_jwt(&claims.to_string())
        .unwrap();
    let own = [
        ("grant_type", GRANT),
        ("client_id", "c"),
        ("assertion", assertion.as_str()),
    ];
    let form: Params = own.iter().chain(more).copied().collect();
    world
        .provider
        .token(&FormBody::Urlencoded(form), None)
        .await
}

#[track_caller]
fn check(outcome: Result<TokenResponse, OAuthError>, code: ErrorCode, text: &str) {
    let error = outcome.expect_err(text);
    assert!(error.is(code), "{error}");
    assert!(error.description(false).contains(text), "{error}");
}

#[tokio::test]
async fn a_token_is_the_subjects_with_the_audience_of_the_assertion() {
    let world = world(JwtGrantPolicy::default()).await;
    let key = trust(&world, ISSUER, Some("alice"), "k").await;
    let more = [
        ("scope", "files.a read"),
        ("audience", "https://api.example/v1 https://other.example"),
    ];
    let tokens = send(&world, &key, &claims(&world, "1"), &more)
        .await
        .expect("trusted");
    assert_eq!(
        (tokens.scope.as_str(), tokens.expires_in),
        ("files.a read", 3_600)
    );
    assert!(tokens.refresh_token.is_none() && tokens.id_token.is_none());
    let form = Params::from_iter([("token", tokens.access_token.expose())]);
    let seen = world.provider.introspect(&FormBody::Urlencoded(form)).await;
    let Ok(Introspection::Active(token)) = seen else {
        panic!("active");
    };
    assert_eq!(token.sub, "alice");
    assert_eq!(token.aud, [TOKEN_ENDPOINT, "https://api.example/v1"]);
}

#[tokio::test]
async fn an_id_is_used_up_by_success_alone_and_per_issuer() {
    let world = world(JwtGrantPolicy::default()).await;
    let key = trust(&world, ISSUER, Some("alice"), "k").await;
    let once = claims(&world, "x");
    let scope = send(&world, &key, &once, &[("scope", "own")]).await;
    check(
        scope,
        ErrorCode::InvalidScope,
        "is not allowed to request scope 'own'.",
    );
    send(&world, &key, &once, &[])
        .await
        .expect("not used up by the failure");
    check(
        send(&world, &key, &once, &[]).await,
        ErrorCode::JtiKnown,
        "already used",
    );
    let second = trust(&world, "https://second.example", None, "k").await;
    let mut same = claims(&world, "x");
    same["iss"] = json!("https://second.example");
    send(&world, &second, &same, &[])
        .await
        .expect("another issuer's id");
}

#[tokio::test]
async fn a_key_counts_for_its_issuer_and_subject_and_no_longer_than_it_is_trusted() {
    let world = world(JwtGrantPolicy::default()).await;
    let alices = trust(&world, ISSUER, Some("alice"), "a").await;
    let bobs = trust(&world, ISSUER, Some("bob"), "b").await;
    let wide = trust(&world, "https://wide.example", None, "w").await;
    let of = |issuer: &str, subject: &str, jti: &str| {
        let mut claims = claims(&world, jti);
        (claims["iss"], claims["sub"]) = (json!(issuer), json!(subject));
        claims
    };
    for (key, issuer, subject, good) in [
        (&alices, ISSUER, "alice", true),
        (&bobs, ISSUER, "bob", true),
        (&bobs, ISSUER, "alice", false),
        (&alices, ISSUER, "bob", false),
        (&wide, "https://wide.example", "anybody", true),
        (&wide, ISSUER, "alice", false),
        (&wide, "https://unknown.example", "alice", false),
    ] {
        let jti = format!("{issuer} {subject} {}", key.kid());
        let outcome = send(&world, key, &of(issuer, subject, &jti), &[]).await;
        assert_eq!(outcome.is_ok(), good, "{jti}");
        if !good {
            check(
                outcome,
                ErrorCode::InvalidGrant,
                "No public JWK was registered for issuer",
            );
        }
    }
    world.clock.advance(3_601);
    let late = send(&world, &alices, &of(ISSUER, "alice", "late"), &[]).await;
    check(
        late,
        ErrorCode::InvalidGrant,
        "No public JWK was registered for issuer",
    );
}

#[tokio::test]
async fn claims_are_checked_in_order() {
    let world = world(JwtGrantPolicy::default()).await;
    let key = trust(&world, ISSUER, Some("alice"), "k").await;
    let now = world.clock.now().as_secs();
    let month = 720 * 3_600;
    for (change, text) in [
        (json!({"iss": 5, "sub": null}), "no claims in JWT"),
        (json!({"exp": "soon"}), "no claims in JWT"),
        (json!({"iss": ""}), "'iss' (issuer)"),
        (
            json!({"sub": null}),
            "MUST contain a 'sub' (subject) claim.",
        ),
        (
            json!({"aud": []}),
            "MUST contain an 'aud' (audience) claim.",
        ),
        (
            json!({"aud": ""}),
            "claim containing a value 'https://id.example/oauth2/token'",
        ),
        (json!({"exp": null}), "'exp' (expiration time)"),
        (json!({"exp": 0}), "parameter expired."),
        (
            json!({"nbf": now}),
            "identifies the time '2022-12-08T10:11:12Z' before which",
        ),
        (json!({"iat": null}), "'iat' (issued at)"),
        (
            json!({"exp": now + month + 1}),
            "unreasonably far in the future",
        ),
        (json!({"jti": ""}), "MUST contain an 'jti' (JWT ID) claim."),
    ] {
        let mut claims = claims(&world, "x");
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        check(
            send(&world, &key, &claims, &[]).await,
            ErrorCode::InvalidGrant,
            text,
        );
    }
    let mut forged = key.to_json();
    forged["d"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE");
    let forger = Jwk::parse(&forged).unwrap();
    let outcome = send(&world, &forger, &claims(&world, "x"), &[]).await;
    check(
        outcome,
        ErrorCode::InvalidGrant,
        "integrity of the 'assertion' value.",
    );
    let mut longest = claims(&world, "x");
    longest["exp"] = json!(now + month);
    send(&world, &key, &longest, &[])
        .await
        .expect("thirty days, and not used up before");
}

#[tokio::test]
async fn what_is_optional_may_be_missing() {
    let world = world(JwtGrantPolicy {
        jti_optional: true,
        iat_optional: true,
        max_ttl: Duration::from_secs(300),
    })
    .await;
    let key = trust(&world, ISSUER, Some("alice"), "k").await;
    let mut bare = claims(&world, "");
    bare["iat"] = Value::Null;
    for _ in 0..2 {
        send(&world, &key, &bare, &[])
            .await
            .expect("neither is missed");
    }
    let end = Timestamp::from_secs(bare["exp"].as_i64().unwrap()).plus_secs(1);
    bare["exp"] = json!(end.as_secs());
    let long = send(&world, &key, &bare, &[]).await;
    check(
        long,
        ErrorCode::InvalidGrant,
        "considering token issued at '2022-12-08T10:11:12Z'.",
    );
}

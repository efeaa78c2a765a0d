//! The hook that is asked before a token is refreshed.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use oauth_types::{
    ErrorCode, Fetch, FetchError, FetchRequest, FetchResponse, FormBody, Params, Reach,
};
use provider::{Introspection, TokenResponse};
use serde_json::{Value, json};
use test_support::{FixedClock, TestClient, World};

type Answer = Result<FetchResponse, FetchError>;

/// A hook whose answer the test changes; it keeps what it was sent.
#[derive(Clone)]
struct Hook {
    answer: Arc<Mutex<Answer>>,
    seen: Arc<Mutex<Vec<FetchRequest>>>,
    takes: Arc<Mutex<Option<(FixedClock, i64)>>>,
}

fn says(status: u16, body: &str) -> Answer {
    let body = body.as_bytes().to_vec();
    Ok(FetchResponse { status, body })
}

#[async_trait]
impl Fetch for Hook {
    async fn fetch(&self, request: FetchRequest) -> Answer {
        self.seen.lock().unwrap().push(request);
        if let Some((clock, secs)) = &*self.takes.lock().unwrap() {
            clock.advance(*secs);
        }
        self.answer.lock().unwrap().clone()
    }

    async fn addresses(&self, _: &str) -> Vec<IpAddr> {
        Vec::new()
    }
}

async fn world() -> (World, Hook, TestClient, String) {
    let hook = Hook {
        answer: Arc::new(Mutex::new(says(204, ""))),
        seen: Arc::default(),
        takes: Arc::default(),
    };
    let world = World::with_fetch(Arc::new(hook.clone()), |policy| {
        policy.tokens.refresh_hook = Some("https://hook.example/?a=b".into());
        policy.tokens.reach = Reach::PublicOnly;
    });
    let client = world.client("openid offline").await;
    let tokens = world.tokens(&client, "alice", "openid offline").await;
    let refresh = tokens.refresh_token.expect("offline was granted");
    (world, hook, client, refresh.expose().to_owned())
}

async fn refresh(
    world: &World,
    client: &TestClient,
    token: &str,
) -> Result<TokenResponse, oauth_types::OAuthError> {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    world.token(client, &form).await
}

async fn extra(world: &World, tokens: &TokenResponse) -> Value {
    let form = Params::from_iter([("token", tokens.access_token.expose())]);
    match world.provider.introspect(&FormBody::Urlencoded(form)).await {
        Ok(Introspection::Active(token)) => Value::Object(token.ext),
        other => panic!("active, not {other:?}"),
    }
}

fn next(tokens: &TokenResponse) -> String {
    tokens.refresh_token.as_ref().unwrap().expose().to_owned()
}

#[tokio::test]
async fn the_hook_is_told_who_refreshes_what() {
    let (world, hook, client, token) = world().await;
    assert_eq!(
        hook.seen.lock().unwrap().len(),
        0,
        "other grants do not ask"
    );
    refresh(&world, &client, &token)
        .await
        .expect("204 changes nothing");
    let request = hook.seen.lock().unwrap().remove(0);
    assert_eq!(
        (request.url.as_str(), request.reach),
        ("https://hook.example/?a=b", Reach::PublicOnly)
    );
    let (kind, body) = request.body.unwrap();
    assert_eq!(kind, "application/json; charset=UTF-8");
    let body: Value = serde_json::from_slice(&body).unwrap();
    let claims = &body["session"]["id_token"]["id_token_claims"];
    for (part, value) in [
        (&body["subject"], json!("alice")),
        (&body["requester"]["grant_types"], json!(["refresh_token"])),
        (&body["granted_scopes"], json!(["openid", "offline"])),
        (&body["session"]["client_id"], json!(client.id)),
        (&body["session"]["kid"], json!("")),
        (&claims["exp"], json!("0001-01-01T00:00:00Z")),
        (&claims["iat"], json!("2022-12-08T10:11:12Z")),
        (
            &body["session"]["id_token"]["expires_at"]["access_token"],
            json!("2022-12-08T11:11:12Z"),
        ),
    ] {
        assert_eq!(part, &value);
    }
}

#[tokio::test]
async fn claims_are_replaced_as_a_whole_and_stay_replaced() {
    let (world, hook, client, token) = world().await;
    let answer = r#"{"session":{"access_token":{"a":{"b":1}},"id_token":{"c":2}}}"#;
    *hook.answer.lock().unwrap() = says(200, answer);
    let tokens = refresh(&world, &client, &token).await.expect("replaced");
    assert_eq!(extra(&world, &tokens).await, json!({"a": {"b": 1}}));
    let claims = crypto::peek(tokens.id_token.as_deref().unwrap())
        .unwrap()
        .claims;
    assert_eq!((&claims["c"], &claims["sub"]), (&json!(2), &json!("alice")));
    assert_eq!(
        claims.get("sid"),
        None,
        "one of the claims that are replaced"
    );
    *hook.answer.lock().unwrap() = says(204, "");
    let tokens = refresh(&world, &client, &next(&tokens))
        .await
        .expect("unchanged");
    assert_eq!(extra(&world, &tokens).await, json!({"a": {"b": 1}}));
}

#[tokio::test]
async fn a_refusal_leaves_the_token_good() {
    let (world, hook, client, token) = world().await;
    const FAILED: &str = "The refresh token hook target responded with an error.";
    const EXECUTING: &str = "An error occurred while executing the refresh token hook.";
    for (answer, code, text) in [
        (says(403, ""), ErrorCode::AccessDenied, FAILED),
        (says(400, "{}"), ErrorCode::ServerError, FAILED),
        (says(201, "{}"), ErrorCode::ServerError, FAILED),
        (says(200, "[]"), ErrorCode::ServerError, FAILED),
        (says(200, ""), ErrorCode::ServerError, FAILED),
        (Err(FetchError::TooLong), ErrorCode::ServerError, FAILED),
        (
            Err(FetchError::GaveUp(500)),
            ErrorCode::ServerError,
            EXECUTING,
        ),
        (
            Err(FetchError::Forbidden("private".into())),
            ErrorCode::ServerError,
            EXECUTING,
        ),
        (
            Err(FetchError::Address("none".into())),
            ErrorCode::ServerError,
            "An error occurred while preparing the refresh token hook.",
        ),
    ] {
        let label = format!("{answer:?}");
        *hook.answer.lock().unwrap() = answer;
        let error = refresh(&world, &client, &token).await.expect_err(&label);
        assert!(error.is(code), "{label}: {error}");
        assert!(
            error.description(false).starts_with(text),
            "{label}: {error}"
        );
    }
    *hook.answer.lock().unwrap() = says(204, "");
    refresh(&world, &client, &token).await.expect("still good");
}

#[tokio::test]
async fn the_time_that_a_hook_takes_is_taken_from_the_token() {
    let (world, hook, client, token) = world().await;
    *hook.takes.lock().unwrap() = Some((world.clock.clone(), 5));
    let tokens = refresh(&world, &client, &token).await.expect("slow");
    assert_eq!(tokens.expires_in, 3_595);
    let claims = crypto::peek(tokens.id_token.as_deref().unwrap())
        .unwrap()
        .claims;
    let lived = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lived, 3_600, "the ID token is made after the hook");
}

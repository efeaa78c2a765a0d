//! The service's own endpoints beside those of the provider. Each of the latter does three things:
//! take what the request says, call one method, write the answer.

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Bytes};
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use oauth_types::{FormBody, OAuthError, Params};
use provider::{Introspection, Provider, TokenResponse};
use serde_json::{Value, json};

/// What a form may weigh, in bytes.
const BODY_LIMIT: usize = 64 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";

type Answer = Response<Full<Bytes>>;

/// Answers one request.
pub(crate) async fn answer<B>(provider: &Provider, request: Request<B>) -> Answer
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (head, body) = request.into_parts();
    let authorization = head.headers.get(AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    match (&head.method, head.uri.path()) {
        // The service's own.
        (&Method::GET, "/") => json_answer(StatusCode::OK, &json!({ "service": "orders" })),
        (&Method::GET, "/orders") => orders(provider, authorization).await,

        // The provider's.
        (&Method::GET, "/auth/.well-known/openid-configuration") => discovery(provider).await,
        (&Method::GET, "/auth/.well-known/jwks.json") => match provider.jwks().await {
            Ok(keys) => text_answer(StatusCode::OK, keys.to_string()),
            Err(error) => refusal(provider, &error),
        },
        (&Method::POST, "/auth/oauth2/token") => {
            let form = form(head.headers.get(CONTENT_TYPE), body).await;
            match provider.token(&form, authorization).await {
                Ok(tokens) => json_answer(StatusCode::OK, &token_response(&tokens)),
                Err(error) => refusal(provider, &error),
            }
        }
        (&Method::POST, "/auth/oauth2/revoke") => {
            let form = form(head.headers.get(CONTENT_TYPE), body).await;
            match provider.revoke(&form, authorization).await {
                Ok(()) => text_answer(StatusCode::OK, String::new()),
                Err(error) => refusal(provider, &error),
            }
        }
        // Introspection asks nobody who they are: mount it where only your own services come.
        (&Method::POST, "/auth/oauth2/introspect") => {
            let form = form(head.headers.get(CONTENT_TYPE), body).await;
            match provider.introspect(&form).await {
                Ok(told) => json_answer(StatusCode::OK, &introspection(&told)),
                Err(error) => refusal(provider, &error),
            }
        }
        _ => json_answer(StatusCode::NOT_FOUND, &json!({ "error": "not_found" })),
    }
}

/// An endpoint that wants a token with the scope `orders.read`. No request leaves the process.
async fn orders(provider: &Provider, authorization: Option<&str>) -> Answer {
    let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
    let form = Params::from_iter([
        ("token", token.unwrap_or_default()),
        ("scope", "orders.read"),
    ]);
    match provider.introspect(&FormBody::Urlencoded(form)).await {
        // A refresh token is active, too, but opens nothing here.
        Ok(Introspection::Active(token)) if token.token_use == "access_token" => json_answer(
            StatusCode::OK,
            &json!({ "orders": [], "asked_by": token.client_id }),
        ),
        Ok(_) => json_answer(
            StatusCode::UNAUTHORIZED,
            &json!({ "error": "invalid_token" }),
        ),
        Err(error) => refusal(provider, &error),
    }
}

async fn discovery(provider: &Provider) -> Answer {
    match provider.discovery().await {
        Ok(found) => {
            let document = json!({
                "issuer": found.policy.issuer,
                "token_endpoint": found.policy.token_endpoint,
                "revocation_endpoint": found.policy.revocation_endpoint,
                "jwks_uri": found.policy.jwks_uri,
                "grant_types_supported": ["client_credentials"],
                "response_types_supported": [],
                "subject_types_supported": found.policy.subject_types,
                "id_token_signing_alg_values_supported": [found.signing_alg],
                "scopes_supported": found.scopes_supported,
            });
            json_answer(StatusCode::OK, &document)
        }
        Err(error) => refusal(provider, &error),
    }
}

/// The answer of RFC 6749 §5.1.
fn token_response(tokens: &TokenResponse) -> Value {
    let mut answer = json!({
        "access_token": tokens.access_token.expose(),
        "expires_in": tokens.expires_in,
        "scope": tokens.scope,
        "token_type": "bearer",
    });
    if let Some(token) = &tokens.refresh_token {
        answer["refresh_token"] = token.expose().into();
    }
    if let Some(token) = &tokens.id_token {
        answer["id_token"] = token.as_str().into();
    }
    answer
}

/// The answer of RFC 7662 §2.2.
fn introspection(told: &Introspection) -> Value {
    match told {
        Introspection::Inactive => json!({ "active": false }),
        Introspection::Active(token) => json!({
            "active": true,
            "scope": token.scope,
            "client_id": token.client_id,
            "sub": token.sub,
            "exp": token.exp,
            "iat": token.iat,
            "aud": token.aud,
            "iss": token.iss,
            "token_use": token.token_use,
            "ext": token.ext,
        }),
    }
}

/// The form of a request, if it is one and not too large.
async fn form<B>(media_type: Option<&HeaderValue>, body: B) -> FormBody
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next());
    if !media_type.is_some_and(|value| value.trim().eq_ignore_ascii_case(FORM)) {
        return FormBody::None;
    }
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => {
            let bytes = body.to_bytes();
            FormBody::Urlencoded(Params::parse(&String::from_utf8_lossy(&bytes)))
        }
        Err(_) => FormBody::Broken,
    }
}

/// The answer of RFC 6749 §5.2.
fn refusal(provider: &Provider, error: &OAuthError) -> Answer {
    let expose = provider.policy().expose_internal_errors;
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json!({ "error": error.name(), "error_description": error.description(expose) });
    json_answer(status, &body)
}

fn json_answer(status: StatusCode, body: &Value) -> Answer {
    text_answer(status, body.to_string())
}

/// Nothing here may be kept by caches: tokens stand in some of the answers.
fn text_answer(status: StatusCode, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use hyper::http::request::Builder;
    use provider::Stores;

    use super::*;
    use crate::parts;

    /// A service, and the `Authorization` header of its client with the right secret and with a
    /// wrong one.
    async fn service() -> (Provider, String, String) {
        let stores = Stores::all(memory_store::MemoryStore::new());
        let provider = parts::provider("http://127.0.0.1/auth", stores);
        let made = parts::add_client(&provider).await.unwrap();
        let secret = made.secret.unwrap();
        let basic = |secret: &str| {
            let pair = format!("{}:{secret}", made.client.id);
            format!("Basic {}", STANDARD.encode(pair))
        };
        let (right, wrong) = (basic(secret.expose()), basic("wrong"));
        (provider, right, wrong)
    }

    async fn check(provider: &Provider, request: Builder, form: &str, status: u16) -> Value {
        let request = request.header(CONTENT_TYPE, FORM);
        let request = request.body(Full::<Bytes>::from(form.to_owned())).unwrap();
        let what = format!("{} {}", request.method(), request.uri());
        let answer = super::answer(provider, request).await;
        assert_eq!(answer.status().as_u16(), status, "{what}");
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice(&body).unwrap_or_default()
    }

    fn post(path: &str, authorization: &str) -> Builder {
        Request::post(path).header(AUTHORIZATION, authorization)
    }

    fn orders(token: &str) -> Builder {
        Request::get("/orders").header(AUTHORIZATION, format!("Bearer {token}"))
    }

    #[tokio::test]
    async fn a_token_opens_the_services_own_endpoint_until_it_is_revoked() {
        let (service, right, _) = service().await;
        let form = "grant_type=client_credentials&scope=orders.read";
        let bought = check(&service, post("/auth/oauth2/token", &right), form, 200).await;
        let token = bought["access_token"].as_str().unwrap();
        let opened = check(&service, orders(token), "", 200).await;
        assert!(opened["asked_by"].is_string(), "{opened}");

        let form = format!("token={token}");
        let ask = || Request::post("/auth/oauth2/introspect");
        let told = check(&service, ask(), &form, 200).await;
        assert_eq!(told["active"], true);
        check(&service, post("/auth/oauth2/revoke", &right), &form, 200).await;
        let told = check(&service, ask(), &form, 200).await;
        assert_eq!(told, json!({ "active": false }));
        check(&service, orders(token), "", 401).await;
    }

    #[tokio::test]
    async fn what_the_service_does_not_know_is_refused() {
        let (service, right, wrong) = service().await;
        let token = |authorization: &str| post("/auth/oauth2/token", authorization);
        let nobody = Request::post("/auth/oauth2/token");
        let grant = "grant_type=client_credentials";
        for (request, form, status) in [
            (Request::get("/"), "", 200),
            (Request::get("/nowhere"), "", 404),
            (Request::get("/orders"), "", 401),
            (orders("ory_at_forged.forged"), "", 401),
            (nobody, grant, 400),
            (token(&wrong), grant, 401),
            (token(&right), "", 400),
            (token(&right), "grant_type=password", 400),
            (token(&right), &format!("{grant}&scope=admin"), 400),
        ] {
            check(&service, request, form, status).await;
        }
    }
}

//! The whole surface without a socket: status, headers and body of what the server itself says.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, header};
use provider::{NotReady, Readiness};
use server::{Listener, Server, ServerOptions};
use test_support::World;

const NOT_CACHED: &str = "private, no-cache, no-store, must-revalidate";

fn server() -> Server {
    server_of(&World::new())
}

fn server_of(world: &World) -> Server {
    Server::new(world.provider.clone(), ServerOptions::default()).unwrap()
}

async fn ask(server: &Server, listener: Listener, method: &str, target: &str) -> Response<Bytes> {
    send(server, listener, method, target, &[], "").await
}

async fn send(
    server: &Server,
    listener: Listener,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server
        .handle(listener, request.body(Bytes::from(body)).unwrap())
        .await
}

/// All headers, sorted, one per line, `name: value`.
fn headers(response: &Response<Bytes>) -> Vec<String> {
    let mut lines: Vec<String> = response
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    lines
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

#[tokio::test]
async fn every_family_of_answers_has_its_headers() {
    let server = server();
    let cached = format!("cache-control: {NOT_CACHED}");
    for (listener, method, target, status, expected) in [
        (
            Listener::Public,
            "GET",
            "/health/alive",
            200,
            vec!["content-type: application/json; charset=utf-8"],
        ),
        (
            Listener::Admin,
            "GET",
            "/health/ready",
            200,
            vec!["content-type: application/json; charset=utf-8"],
        ),
        (
            Listener::Admin,
            "GET",
            "/version",
            200,
            vec!["content-type: application/json; charset=utf-8"],
        ),
        (
            Listener::Public,
            "GET",
            "/oauth2/fallbacks/error",
            500,
            vec![&*cached, "content-type: text/html; charset=utf-8"],
        ),
        (
            Listener::Public,
            "DELETE",
            "/oauth2/token",
            405,
            vec![
                "allow: OPTIONS, POST",
                "content-type: text/plain; charset=utf-8",
                "x-content-type-options: nosniff",
            ],
        ),
        (
            Listener::Public,
            "OPTIONS",
            "/oauth2/token",
            200,
            vec![&*cached],
        ),
        (
            Listener::Public,
            "OPTIONS",
            "/oauth2/auth",
            200,
            vec!["allow: GET, OPTIONS, POST"],
        ),
        (
            Listener::Public,
            "GET",
            "/nowhere",
            404,
            vec![
                "content-type: text/plain; charset=utf-8",
                "x-content-type-options: nosniff",
            ],
        ),
        (
            Listener::Admin,
            "GET",
            "/nowhere",
            404,
            vec!["content-type: text/html; charset=utf-8"],
        ),
        (
            Listener::Admin,
            "GET",
            "/admin/clients/?a=b",
            301,
            vec![
                "content-type: text/html; charset=utf-8",
                "location: /admin/clients?a=b",
            ],
        ),
        (
            Listener::Public,
            "POST",
            "/OAuth2/token",
            307,
            vec!["location: /oauth2/token"],
        ),
        (
            Listener::Admin,
            "DELETE",
            "/clients/a?x=1",
            307,
            vec![
                &*cached,
                "location: https://admin.example/admin/clients/a?x=1",
            ],
        ),
        (
            Listener::Public,
            "POST",
            "/oauth2/token",
            400,
            vec![
                "cache-control: no-store",
                "content-type: application/json;charset=UTF-8",
                "pragma: no-cache",
            ],
        ),
        (
            Listener::Public,
            "POST",
            "/oauth2/revoke",
            400,
            vec![
                "cache-control: no-store",
                "content-type: application/json;charset=UTF-8",
                "pragma: no-cache",
            ],
        ),
        (
            Listener::Admin,
            "GET",
            "/admin/clients/none",
            404,
            vec![&*cached, "content-type: application/json"],
        ),
        (
            Listener::Admin,
            "DELETE",
            "/admin/oauth2/tokens?client_id=none",
            204,
            vec![&*cached],
        ),
        (
            Listener::Public,
            "GET",
            "/oauth2/%zz",
            400,
            vec![
                "connection: close",
                "content-type: text/plain; charset=utf-8",
                "x-content-type-options: nosniff",
            ],
        ),
    ] {
        let response = ask(&server, listener, method, target).await;
        assert_eq!(response.status(), status, "{method} {target}");
        let mut found = headers(&response);
        if target.starts_with("/clients") {
            // The base is the policy's.
            let base = World::new().provider.policy().urls.admin.clone();
            for line in &mut found {
                *line = line.replace(base.trim_end_matches('/'), "https://admin.example");
            }
        }
        assert_eq!(found, expected, "{method} {target}");
    }
}

#[tokio::test]
async fn whole_bodies_are_as_recorded() {
    let server = server();
    for (listener, method, target, body) in [
        (
            Listener::Public,
            "GET",
            "/health/alive",
            "{\"status\":\"ok\"}\n",
        ),
        (Listener::Public, "GET", "/nowhere", "404 page not found\n"),
        (Listener::Public, "PUT", "/userinfo", "Method Not Allowed\n"),
        (
            Listener::Admin,
            "GET",
            "/admin/clients/none",
            "{\"error\":\"Unable to locate the resource\",\"error_description\":\"\"}\n",
        ),
        (
            Listener::Admin,
            "DELETE",
            "/admin/oauth2/tokens?client_id=%zz",
            "{\"error\":\"invalid_request\",\"error_description\":\"The request is missing a \
             required parameter, includes an invalid parameter value, includes a parameter more \
             than once, or is otherwise malformed. Query parameter 'client_id' is not defined but \
             it should have been.\"}\n",
        ),
        (
            Listener::Admin,
            "GET",
            "/admin/clients/",
            "<a href=\"/admin/clients\">Moved Permanently</a>.\n\n",
        ),
    ] {
        let response = ask(&server, listener, method, target).await;
        assert_eq!(text(&response), body, "{method} {target}");
    }
    let version = ask(&server, Listener::Admin, "GET", "/version").await;
    assert_eq!(
        text(&version),
        format!("{{\"version\":\"v{}\"}}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[tokio::test]
async fn a_broken_multipart_form_is_not_an_empty_one() {
    let server = server();
    for (content_type, body, hint) in [
        ("multipart/form-data", "x", "Unable to parse HTTP body"),
        (
            "multipart/form-data; boundary=b",
            "--a\r\n\r\n--a--",
            "Unable to parse HTTP body",
        ),
        (
            "multipart/form-data; boundary=b",
            "--b--\r\n",
            "The POST body can not be empty.",
        ),
        ("application/json", "{}", "The POST body can not be empty."),
        (
            "text/plain",
            "grant_type=x",
            "The POST body can not be empty.",
        ),
        (
            "application/x-www-form-urlencoded",
            "a=b",
            "'grant_type' is missing",
        ),
    ] {
        let headers = [("content-type", content_type)];
        let response = send(
            &server,
            Listener::Public,
            "POST",
            "/oauth2/token",
            &headers,
            body,
        )
        .await;
        assert_eq!(response.status(), 400);
        assert!(
            text(&response).contains(hint),
            "{content_type}: {}",
            text(&response)
        );
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let world = World::new();
    let mut options = ServerOptions::default();
    options.limits.body_bytes = 16;
    let server = Server::new(world.provider.clone(), options).unwrap();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "grant_type=client_credentials";
    let response = send(
        &server,
        Listener::Public,
        "POST",
        "/oauth2/token",
        &form,
        body,
    )
    .await;
    assert!(text(&response).contains("Unable to parse HTTP body"));
    let client = "{\"client_name\":\"a name\"}";
    let response = send(
        &server,
        Listener::Admin,
        "POST",
        "/admin/clients",
        &[],
        client,
    )
    .await;
    assert_eq!(response.status(), 400);
    assert!(text(&response).contains("Unable to decode the request body: "));
}

#[tokio::test]
async fn a_client_is_registered_read_replaced_and_removed() {
    let world = World::with(|policy| policy.clients.subject_types = vec!["public".into()]);
    let server = server_of(&world);
    let body = "{\"client_name\":\"<b>\",\"redirect_uris\":[\"https://a/cb\"]}";
    let made = send(
        &server,
        Listener::Admin,
        "POST",
        "/admin/clients",
        &[],
        body,
    )
    .await;
    assert_eq!(made.status(), 201, "{}", text(&made));
    let location = made.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    let shown: serde_json::Value = serde_json::from_slice(made.body()).unwrap();
    assert_eq!(
        location,
        format!("/admin/clients/{}", shown["client_id"].as_str().unwrap())
    );
    assert!(
        text(&made).contains("\"client_name\":\"\\u003cb\\u003e\""),
        "{}",
        text(&made)
    );
    assert!(
        shown["grant_types"].is_null(),
        "left out, so null in the answer to a create"
    );
    assert!(
        shown["client_secret"]
            .as_str()
            .is_some_and(|secret| secret.len() == 26)
    );

    let read = ask(&server, Listener::Admin, "GET", &location).await;
    let shown: serde_json::Value = serde_json::from_slice(read.body()).unwrap();
    assert_eq!(shown["grant_types"], serde_json::json!([]));
    assert!(shown.get("client_secret").is_none());

    let list = ask(&server, Listener::Admin, "GET", "/admin/clients").await;
    assert_eq!(list.headers()["x-total-count"], "1");
    assert!(
        list.headers()[header::LINK]
            .to_str()
            .unwrap()
            .starts_with("</admin/clients?page_size=1&")
    );

    let body = "{\"registration_access_token\":\"echo\"}";
    let replaced = send(&server, Listener::Admin, "PUT", &location, &[], body).await;
    let shown: serde_json::Value = serde_json::from_slice(replaced.body()).unwrap();
    assert_eq!(
        (replaced.status().as_u16(), &shown["client_name"]),
        (200, &"".into())
    );
    assert_eq!(shown["registration_access_token"], "echo");

    let gone = ask(&server, Listener::Admin, "DELETE", &location).await;
    assert_eq!((gone.status().as_u16(), text(&gone)), (204, ""));
    assert_eq!(
        ask(&server, Listener::Admin, "DELETE", &location)
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn an_undecodable_client_is_told_why() {
    let server = server();
    for body in [
        "",
        "[]",
        "{\"redirect_uris\":\"x\"}",
        "{\"jwks\":{\"keys\":[1]}}",
        "{\"implicit_grant_id_token_lifespan\":\"1\"}",
    ] {
        let response = send(
            &server,
            Listener::Admin,
            "POST",
            "/admin/clients",
            &[],
            body,
        )
        .await;
        assert_eq!(response.status(), 400, "{body}");
        assert!(
            text(&response).contains("Unable to decode the request body: "),
            "{body}"
        );
    }
}

struct Broken;

#[async_trait]
impl Readiness for Broken {
    async fn check(&self) -> Result<(), NotReady> {
        Err(NotReady {
            errors: vec![("database", "no route to 10.0.0.1".into())],
        })
    }
}

#[tokio::test]
async fn the_public_listener_does_not_say_why_it_is_not_ready() {
    let server = server_of(&World::with_readiness(Arc::new(Broken)));
    for (listener, why) in [
        (
            Listener::Public,
            "error may contain sensitive information and was obfuscated",
        ),
        (Listener::Admin, "no route to 10.0.0.1"),
    ] {
        let response = ask(&server, listener, "GET", "/health/ready").await;
        assert_eq!(response.status(), 503);
        assert_eq!(headers(&response), ["content-type: application/json"]);
        assert_eq!(
            text(&response),
            format!(
                "{{\"error\":\"error\",\"error_description\":\"The error is unrecognizable\",\
                 \"errors\":{{\"database\":\"{why}\"}}}}\n"
            )
        );
    }
    assert_eq!(
        ask(&server, Listener::Public, "GET", "/health/alive")
            .await
            .status(),
        200
    );
}

/// Walks a browser through login and consent over HTTP alone, as apps and browsers do.
#[tokio::test]
async fn the_code_flow_works_over_http() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let server = server_of(&world);
    let mut jar = Vec::<(String, String)>::new();
    let start = format!(
        "/oauth2/auth?client_id={}&response_type=code&scope=openid+offline&state=12345678&redirect_uri={}",
        client.id, client.redirect_uri
    );

    let first = visit(&server, &mut jar, &start).await;
    assert_eq!(first.status(), 302);
    assert_eq!(first.headers()[header::CACHE_CONTROL], NOT_CACHED);
    let cookie = first.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.contains("; Path=/; ") && cookie.contains("; HttpOnly"),
        "{cookie}"
    );
    let challenge = param(&first, "login_challenge");

    let login = format!("/admin/oauth2/auth/requests/login?login_challenge={challenge}");
    let shown = ask(&server, Listener::Admin, "GET", &login).await;
    assert!(text(&shown).starts_with(&format!("{{\"challenge\":\"{challenge}\",")));
    let accept = format!("/admin/oauth2/auth/requests/login/accept?challenge={challenge}");
    let body = "{\"subject\":\"alice\",\"context\":{\"a\":1.0}}";
    let accepted = send(&server, Listener::Admin, "PUT", &accept, &[], body).await;

    let second = visit(&server, &mut jar, &redirect_to(&accepted)).await;
    let challenge = param(&second, "consent_challenge");
    assert_eq!(
        ask(&server, Listener::Admin, "GET", &login).await.status(),
        410
    );
    let consent = format!("/admin/oauth2/auth/requests/consent?consent_challenge={challenge}");
    let shown = ask(&server, Listener::Admin, "GET", &consent).await;
    assert!(
        text(&shown).contains("\"context\":{\"a\":1.0}}"),
        "{}",
        text(&shown)
    );
    let accept = consent.replace("consent?", "consent/accept?");
    let body = "{\"grant_scope\":[\"openid\",\"offline\"],\"nothing_known\":1}";
    let refused = send(&server, Listener::Admin, "PUT", &accept, &[], body).await;
    assert_eq!(refused.status(), 400, "unknown members are refused here");
    let body = "{\"grant_scope\":[\"openid\",\"offline\"]}";
    let accepted = send(&server, Listener::Admin, "PUT", &accept, &[], body).await;

    let third = visit(&server, &mut jar, &redirect_to(&accepted)).await;
    assert_eq!(third.status(), 303);
    assert_eq!(headers(&third)[0], "cache-control: no-store");
    assert_eq!(third.headers()[header::PRAGMA], "no-cache");
    assert!(third.body().is_empty() && !third.headers().contains_key(header::CONTENT_TYPE));
    let code = param(&third, "code");

    let body = format!(
        "grant_type=authorization_code&code={code}&redirect_uri={}",
        client.redirect_uri
    );
    let request = Request::post("/oauth2/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, client.basic())
        .body(Bytes::from(body))
        .unwrap();
    let tokens = server.handle(Listener::Public, request).await;
    assert_eq!(tokens.status(), 200, "{}", text(&tokens));
    assert!(
        text(&tokens).starts_with("{\"access_token\":\"") && text(&tokens).ends_with("\"bearer\"}")
    );
    let tokens: serde_json::Value = serde_json::from_slice(tokens.body()).unwrap();

    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let authorization = [("authorization", &*bearer)];
    let user = send(
        &server,
        Listener::Public,
        "GET",
        "/userinfo",
        &authorization,
        "",
    )
    .await;
    let claims: serde_json::Value = serde_json::from_slice(user.body()).unwrap();
    assert_eq!(claims["sub"], "alice");
}

async fn visit(server: &Server, jar: &mut Vec<(String, String)>, url: &str) -> Response<Bytes> {
    let path = url.find("/oauth2/").map_or(url, |at| &url[at..]);
    let cookies: Vec<String> = jar
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let headers = [("cookie", &*cookies.join("; "))];
    let response = send(
        server,
        Listener::Public,
        Method::GET.as_str(),
        path,
        &headers,
        "",
    )
    .await;
    for line in response.headers().get_all(header::SET_COOKIE) {
        let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
        let value = rest.split(';').next().unwrap();
        jar.retain(|(n, _)| n != name);
        jar.push((name.to_owned(), value.to_owned()));
    }
    response
}

fn param(response: &Response<Bytes>, name: &str) -> String {
    let location = response.headers()[header::LOCATION].to_str().unwrap();
    let query = location.split_once('?').unwrap().1;
    let params = oauth_types::Params::parse(query);
    params
        .first(name)
        .unwrap_or_else(|| panic!("{location}"))
        .to_owned()
}

fn redirect_to(response: &Response<Bytes>) -> String {
    assert_eq!(response.status(), 200, "{}", text(response));
    let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    body["redirect_to"].as_str().unwrap().to_owned()
}

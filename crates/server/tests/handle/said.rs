use std::sync::Arc;

use async_trait::async_trait;
use http::header;
use provider::{NotReady, Readiness};
use server::{Listener, Server, ServerOptions};
use test_support::World;

use crate::support::{NOT_CACHED, ask, headers, send, server, server_of, text};

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

#[tokio::test]
async fn metrics_count_by_template_on_both_listeners() {
    let server = server();
    ask(&server, Listener::Admin, "GET", "/admin/clients/none").await;
    ask(&server, Listener::Admin, "GET", "/clients/none").await;
    ask(&server, Listener::Public, "GET", "/nowhere").await;
    ask(&server, Listener::Public, "BREW", "/nowhere").await;
    let path = "/admin/metrics/prometheus";
    let answer = ask(&server, Listener::Admin, "GET", path).await;
    let media = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(answer.headers()[header::CONTENT_TYPE], media);
    assert_eq!(answer.headers()[header::CACHE_CONTROL], NOT_CACHED);
    let count = |labels: &[&str]| {
        let of = |line: &&str| labels.iter().all(|label| line.contains(label));
        let line = text(&answer).lines().find(of);
        line.and_then(|line| line.rsplit(' ').next())
            .map(str::to_owned)
    };
    for (code, endpoint, method) in [
        ("404", "/admin/clients/{param}", "get"),
        ("307", "/clients/{param}", "get"),
        ("404", "{unmatched}", "get"),
        ("404", "{unmatched}", "unknown"),
    ] {
        let labels = [
            "http_requests_total",
            &format!("code=\"{code}\""),
            &format!("endpoint=\"{endpoint}\""),
            &format!("method=\"{method}\""),
        ];
        assert_eq!(count(&labels).as_deref(), Some("1"), "{labels:?}");
    }
}

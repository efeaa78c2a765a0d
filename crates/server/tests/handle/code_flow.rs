use bytes::Bytes;
use http::{Method, Request, Response, header};
use server::{Listener, Server};
use test_support::World;

use crate::support::{NOT_CACHED, ask, headers, send, server_of, text};

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

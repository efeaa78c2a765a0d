use http::{HeaderValue, header};
use server::{CorsOptions, Listener, Server, ServerOptions};
use test_support::World;

use crate::support::send;

/// A server that admits no origin but those of its clients, and admin calls from one page.
fn server_with_cors(world: &World) -> Server {
    let options = |origin: &str| CorsOptions {
        allowed_origins: vec![origin.to_owned()],
        ..CorsOptions::default()
    };
    let options = ServerOptions {
        public_cors: Some(options("https://listed.example")),
        admin_cors: Some(options("https://admin.example")),
        ..ServerOptions::default()
    };
    Server::new(world.provider.clone(), options).unwrap()
}

#[tokio::test]
async fn a_clients_own_origins_are_admitted_where_the_request_names_it() {
    let world = World::new();
    let server = server_with_cors(&world);
    let body = r#"{"allowed_cors_origins":["https://spa.example"]}"#;
    let made = send(
        &server,
        Listener::Admin,
        "POST",
        "/admin/clients",
        &[],
        body,
    )
    .await;
    let made: serde_json::Value = serde_json::from_slice(made.body()).unwrap();
    let id = made["client_id"].as_str().unwrap();
    let basic = |user: &str| {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(format!("{user}:wrong"));
        format!("Basic {text}")
    };
    for (user, origin, path, admitted) in [
        (id, "https://spa.example", "/.well-known/jwks.json", true),
        (id, "https://other.example", "/.well-known/jwks.json", false),
        ("no", "https://spa.example", "/.well-known/jwks.json", false),
        ("no", "https://listed.example", "/userinfo", true),
        (id, "https://spa.example", "/health/alive", false),
        (id, "https://listed.example", "/oauth2/auth", false),
    ] {
        let headers = [("authorization", &*basic(user)), ("origin", origin)];
        let answer = send(&server, Listener::Public, "GET", path, &headers, "").await;
        let allowed = answer.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        let expected = admitted.then_some(origin.as_bytes());
        assert_eq!(
            allowed.map(HeaderValue::as_bytes),
            expected,
            "{user} {origin} {path}"
        );
    }
}

#[tokio::test]
async fn the_admin_listener_answers_listed_pages_on_every_path() {
    let server = server_with_cors(&World::new());
    for (method, path, status) in [
        ("GET", "/admin/clients", 200),
        ("GET", "/admin/clients/none", 404),
        ("GET", "/health/alive", 200),
        ("GET", "/nowhere", 404),
        ("OPTIONS", "/admin/clients", 204),
    ] {
        for (origin, admitted) in [
            ("https://admin.example", true),
            ("https://x.example", false),
        ] {
            let headers = [("origin", origin), ("access-control-request-method", "GET")];
            let answer = send(&server, Listener::Admin, method, path, &headers, "").await;
            assert_eq!(answer.status(), status, "{method} {path}");
            let allowed = answer
                .headers()
                .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            assert_eq!(allowed, admitted, "{method} {path} {origin}");
        }
    }
}

use super::*;

fn said(listener: Listener, method: &str, path: &str) -> String {
    let router = Router::new(listener).unwrap();
    match router.find(&Method::from_bytes(method.as_bytes()).unwrap(), path) {
        Found::Route(route, params) => format!("{} {}", route.operation, params.0.join(" "))
            .trim_end()
            .to_owned(),
        Found::Unprefixed(_) => "unprefixed".to_owned(),
        Found::Canonical(path) => format!("-> {path}"),
        Found::MethodNotAllowed { allow } => format!("405 {allow}"),
        Found::Options { allow } => format!("200 {allow}"),
        Found::Malformed => "400".to_owned(),
        Found::Nothing => "404".to_owned(),
    }
}

fn check(listener: Listener, cases: &[(&str, &str, &str)]) {
    for (method, path, expected) in cases {
        assert_eq!(said(listener, method, path), *expected, "{method} {path}");
    }
}

#[test]
fn every_route_is_found() {
    for listener in [Listener::Public, Listener::Admin] {
        let router = Router::new(listener).unwrap();
        for route in ROUTES.iter().filter(|route| route.on.includes(listener)) {
            let path = route.path.replace(['{', '}'], "");
            let found = router.find(&route.method, &path);
            assert!(
                matches!(found, Found::Route(r, _) if r.path == route.path),
                "{path}"
            );
        }
    }
}

#[test]
fn public_paths_are_found_in_their_one_spelling() {
    check(
        Listener::Public,
        &[
            ("POST", "/oauth2/token", "oauth2TokenExchange"),
            ("POST", "/oauth2/%74oken", "oauth2TokenExchange"),
            ("GET", "/oauth2/auth", "oAuth2Authorize"),
            ("POST", "/oauth2/auth", "oAuth2Authorize"),
            ("OPTIONS", "/oauth2/token", "preflight"),
            (
                "GET",
                "/.well-known/jwks.json/",
                "-> /.well-known/jwks.json",
            ),
            ("POST", "/oauth2/TOKEN", "-> /oauth2/token"),
            ("OPTIONS", "/oauth2/token/", "-> /oauth2/token"),
            ("GET", "//oauth2/auth", "-> /oauth2/auth"),
            ("GET", "/oauth2//auth", "-> /oauth2/auth"),
            ("GET", "/oauth2/./auth", "-> /oauth2/auth"),
            ("GET", "/oauth2/x/../auth", "-> /oauth2/auth"),
            ("GET", "/../oauth2/auth", "-> /oauth2/auth"),
            ("GET", "/HEALTH/ready", "-> /health/ready"),
            (
                "GET",
                "/oauth2/fallbacks/logout/",
                "-> /oauth2/fallbacks/logout",
            ),
            ("GET", "/oauth2/Register/AbC", "-> /oauth2/register/AbC"),
            ("GET", "/oauth2/register/", "404"),
            ("POST", "/oauth2/register/", "-> /oauth2/register"),
            ("GET", "/", "404"),
            ("GET", "", "404"),
            ("GET", "/*", "404"),
            ("GET", "/oauth2/token/x", "404"),
            ("GET", "/version", "404"),
            ("GET", "/admin/clients", "404"),
            ("GET", "/clients", "404"),
            ("GET", "/oauth2/%zz", "400"),
        ],
    );
}

#[test]
fn other_methods_are_refused_with_the_sorted_list() {
    check(
        Listener::Public,
        &[
            ("GET", "/oauth2/token", "405 OPTIONS, POST"),
            ("HEAD", "/oauth2/auth", "405 GET, OPTIONS, POST"),
            ("PURGE", "/userinfo", "405 GET, OPTIONS, POST"),
            ("OPTIONS", "/oauth2/auth", "200 GET, OPTIONS, POST"),
            ("OPTIONS", "/nowhere", "404"),
            ("PUT", "/oauth2/token/", "404"),
            ("HEAD", "/userinfo/", "404"),
            (
                "POST",
                "/oauth2/register/x",
                "405 DELETE, GET, OPTIONS, PUT",
            ),
        ],
    );
    check(
        Listener::Admin,
        &[
            ("PATCH", "/admin/clients", "405 GET, OPTIONS, POST"),
            ("PATCH", "/admin/clients/", "404"),
            (
                "HEAD",
                "/admin/clients/x",
                "405 DELETE, GET, OPTIONS, PATCH, PUT",
            ),
            (
                "PATCH",
                "/admin/keys/x",
                "405 DELETE, GET, OPTIONS, POST, PUT",
            ),
            ("GET", "/admin/oauth2/introspect", "405 OPTIONS, POST"),
            ("OPTIONS", "/admin/oauth2/tokens", "200 DELETE, OPTIONS"),
            ("DELETE", "/clients", "405 GET, OPTIONS, POST"),
            ("OPTIONS", "/clients", "200 GET, OPTIONS, POST"),
            ("POST", "/version", "405 GET, OPTIONS"),
        ],
    );
}

#[test]
fn admin_paths_answer_with_and_without_prefix() {
    check(
        Listener::Admin,
        &[
            ("GET", "/admin/clients", "listOAuth2Clients"),
            ("GET", "/admin/clients/a", "getOAuth2Client a"),
            (
                "PUT",
                "/admin/clients/a/lifespans",
                "setOAuth2ClientLifespans a",
            ),
            ("GET", "/admin/keys/s/k", "getJsonWebKey s k"),
            ("GET", "/clients", "unprefixed"),
            ("DELETE", "/keys/a/b", "unprefixed"),
            ("GET", "/clients/", "-> /clients"),
            ("GET", "/Clients", "-> /clients"),
            ("GET", "/keys/a/", "-> /keys/a"),
            ("GET", "/admin/clients/abc/", "-> /admin/clients/abc"),
            ("GET", "/Admin/clients/AbC", "-> /admin/clients/AbC"),
            ("GET", "/admin//clients", "-> /admin/clients"),
            ("GET", "/admin/clients//abc", "-> /admin/clients/abc"),
            ("GET", "/admin/clients/../clients", "-> /admin/clients"),
            ("GET", "/admin/keys/", "404"),
            ("GET", "/admin/keys", "404"),
            ("GET", "/admin/health/alive", "404"),
            ("GET", "/admin/admin/clients", "404"),
            ("GET", "/metrics/prometheus", "404"),
            ("GET", "/userinfo", "404"),
            ("POST", "/oauth2/token", "404"),
            ("GET", "/health/alive", "isAlive"),
            ("GET", "/version", "getVersion"),
        ],
    );
}

#[test]
fn a_parameter_may_hold_an_encoded_slash() {
    check(
        Listener::Admin,
        &[
            ("GET", "/admin/clients/a%2Fb", "getOAuth2Client a/b"),
            (
                "GET",
                "/admin/keys/https:%2F%2Fx%2Fy",
                "getJsonWebKeySet https://x/y",
            ),
            ("GET", "/admin/clients/%2e%2e", "getOAuth2Client .."),
            ("GET", "/admin/clients/50%25", "getOAuth2Client 50%"),
            ("GET", "/admin/keys//b", "getJsonWebKey  b"),
            ("GET", "/admin/clients/a%20b/", "-> /admin/clients/a%20b"),
        ],
    );
}

#[test]
fn a_path_without_prefix_leads_to_the_admin_url() {
    for (base, path, query, expected) in [
        (
            "http://h:4445/",
            "/clients",
            Some("a=b&a=c"),
            "http://h:4445/admin/clients?a=b&a=c",
        ),
        (
            "https://h/base/",
            "/keys/a%20b/c",
            None,
            "https://h/base/admin/keys/a%20b/c",
        ),
        ("", "/clients", Some(""), "/admin/clients"),
        (
            "http://h",
            "/clients/<b>",
            None,
            "http://h/admin/clients/%3Cb%3E",
        ),
        (
            "http://h",
            "/clients/a;b+c",
            None,
            "http://h/admin/clients/a;b+c",
        ),
    ] {
        assert_eq!(prefixed(base, path, query), expected);
    }
}

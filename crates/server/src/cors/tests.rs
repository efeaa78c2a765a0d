use super::*;
use http::HeaderName;

const PAGE: &str = "https://app.example";

fn options(origins: &[&str]) -> CorsOptions {
    let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    CorsOptions {
        allowed_origins: list(origins),
        allowed_methods: list(&["GET", "POST"]),
        allowed_headers: list(&["Authorization", "X-Own"]),
        exposed_headers: list(&["x-shown", "Content-Type"]),
        allow_credentials: true,
        max_age_s: 300,
        debug: false,
    }
}

fn asked(method: &str, headers: &[(HeaderName, &str)]) -> Asked {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
        .collect();
    Asked::by(&method.parse().unwrap(), &headers)
}

fn from(origin: &str) -> Asked {
    asked("GET", &[(header::ORIGIN, origin)])
}

fn shown(response: &Response) -> Vec<String> {
    let all = response.headers().iter();
    all.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .filter(|line| line.starts_with("access-control-"))
        .collect()
}

#[test]
fn the_two_rules_differ_in_stars_and_in_the_empty_list() {
    use Admission::{Echoed, Refused, Star};
    for (patterns, origin, plain, by_client) in [
        (&[][..], PAGE, Star, Echoed),
        (&["*"], PAGE, Star, Star),
        (&["https://other", "*"], PAGE, Star, Star),
        (&[PAGE], PAGE, Echoed, Echoed),
        (&[PAGE], "https://APP.example", Echoed, Echoed),
        (&["https://App.Example"], PAGE, Echoed, Echoed),
        (&[PAGE], "https://app.example:8443", Refused, Refused),
        (&[PAGE], "null", Refused, Refused),
        (&["https://*.example"], PAGE, Echoed, Echoed),
        (
            &["https://*.example"],
            "https://a.b.example",
            Echoed,
            Refused,
        ),
        (&["https://*"], "https://a.b.example:8443", Echoed, Echoed),
        (&["https://*"], "http://a.example", Refused, Refused),
        (&["http://*.test"], "http://test", Refused, Refused),
        (&["http://ab*ba.test"], "http://aba.test", Refused, Refused),
    ] {
        let cors = Cors::new(&options(patterns));
        assert_eq!(
            cors.plain(&from(origin)),
            plain,
            "plain {patterns:?} {origin}"
        );
        let found = cors.by_client(&from(origin));
        assert_eq!(found, by_client, "by client {patterns:?} {origin}");
    }
}

#[test]
fn a_preflight_passes_from_everywhere_where_clients_have_lists() {
    let cors = Cors::new(&options(&[PAGE]));
    let elsewhere = asked("OPTIONS", &[(header::ORIGIN, "https://elsewhere")]);
    assert_eq!(cors.by_client(&elsewhere), Admission::Echoed);
    assert_eq!(cors.plain(&elsewhere), Admission::Refused);
}

#[test]
fn a_preflight_passes_if_method_and_all_headers_are_allowed() {
    let cors = Cors::new(&options(&[]));
    for (method, names, passes) in [
        ("POST", "", true),
        ("post", "", true),
        ("OPTIONS", "", true),
        ("PUT", "", false),
        ("POST", "authorization, X-OWN", true),
        ("POST", "origin", true),
        ("POST", ",", true),
        ("POST", "authorization,x-other", false),
    ] {
        let asked = asked(
            "OPTIONS",
            &[
                (header::ORIGIN, PAGE),
                (header::ACCESS_CONTROL_REQUEST_METHOD, method),
                (header::ACCESS_CONTROL_REQUEST_HEADERS, names),
            ],
        );
        assert!(asked.is_preflight());
        let response = cors.preflight(&asked, Admission::Echoed);
        assert_eq!(response.status(), 204);
        assert_eq!(response.headers().get_all(header::VARY).iter().count(), 3);
        assert_eq!(!shown(&response).is_empty(), passes, "{method} {names}");
        assert!(shown(&cors.preflight(&asked, Admission::Refused)).is_empty());
    }
}

#[test]
fn a_preflight_names_what_was_asked_for() {
    let asked = asked(
        "OPTIONS",
        &[
            (header::ORIGIN, PAGE),
            (header::ACCESS_CONTROL_REQUEST_METHOD, "post"),
            (
                header::ACCESS_CONTROL_REQUEST_HEADERS,
                "AUTHORIZATION ,x-own",
            ),
        ],
    );
    let response = Cors::new(&options(&[])).preflight(&asked, Admission::Echoed);
    assert_eq!(
        shown(&response),
        [
            "access-control-allow-origin: https://app.example",
            "access-control-allow-methods: POST",
            "access-control-allow-headers: Authorization, X-Own",
            "access-control-max-age: 300",
            "access-control-allow-credentials: true",
        ]
    );
}

#[test]
fn an_answer_is_marked_for_admitted_origins_and_allowed_methods() {
    let cors = Cors::new(&options(&[]));
    for (method, origin, admission, expected) in [
        ("GET", PAGE, Admission::Echoed, Some(PAGE)),
        ("GET", PAGE, Admission::Star, Some("*")),
        ("GET", PAGE, Admission::Refused, None),
        ("GET", "", Admission::Star, None),
        ("DELETE", PAGE, Admission::Echoed, None),
        ("OPTIONS", PAGE, Admission::Echoed, Some(PAGE)),
    ] {
        let asked = asked(method, &[(header::ORIGIN, origin)]);
        let mut response = respond::empty(StatusCode::OK);
        cors.mark(&asked, admission, response.headers_mut());
        assert_eq!(response.headers()[header::VARY], "Origin");
        let expected: Vec<String> = expected.map_or_else(Vec::new, |origin| {
            vec![
                format!("access-control-allow-origin: {origin}"),
                "access-control-expose-headers: X-Shown, Content-Type".to_owned(),
                "access-control-allow-credentials: true".to_owned(),
            ]
        });
        assert_eq!(
            shown(&response),
            expected,
            "{method} {origin} {admission:?}"
        );
    }
}

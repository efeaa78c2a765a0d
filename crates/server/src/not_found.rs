//! What is said when there is no route, or none for the method.

use http::{HeaderMap, StatusCode, header};

use crate::respond::{self, Response};
use crate::{Listener, pages};

const REASON: &str =
    "The requested route does not exist. Make sure you are using the right path, domain, and port.";

/// 404.
///
/// Hydra: the public listener answers in plain text, the admin listener in what `Accept` prefers,
/// and it is the only place where the nested form of a JSON error shows.
pub(crate) fn not_found(listener: Listener, headers: &HeaderMap) -> Response {
    if listener == Listener::Public {
        return respond::plain_error(StatusCode::NOT_FOUND, "404 page not found");
    }
    match preferred(headers) {
        "application/json" => respond::body(
            StatusCode::NOT_FOUND,
            "application/json; charset=utf-8",
            json(),
        ),
        "text/plain" => respond::body(
            StatusCode::NOT_FOUND,
            "text/plain; charset=utf-8",
            format!("Error 404 - {REASON}"),
        ),
        _ => respond::page(StatusCode::NOT_FOUND, pages::not_found()),
    }
}

/// 405 with the methods that the path knows.
pub(crate) fn method_not_allowed(allow: &str) -> Response {
    let response = respond::plain_error(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    respond::with_header(response, header::ALLOW, allow)
}

fn json() -> String {
    format!(
        "{{\n  \"error\": {{\n    \"code\": 404,\n    \"message\": \"Not Found\",\n    \
         \"reason\": \"{REASON}\"\n  }}\n}}\n"
    )
}

/// The media type that `Accept` prefers (RFC 9110 §12.5.1) among the three that can be sent, in
/// their order where it has no preference.
///
/// Hydra: names are compared letter by letter, and a name with parameters of its own matches nothing.
fn preferred(headers: &HeaderMap) -> &'static str {
    const OFFERED: [(&str, &str); 3] = [
        ("text/html", "text/*"),
        ("text/plain", "text/*"),
        ("application/json", "application/*"),
    ];
    let lines = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let clauses: Vec<(&str, f32)> = lines
        .flat_map(|line| line.split(','))
        .filter_map(clause)
        .collect();
    let quality = |(name, family): (&str, &str)| {
        let fits = clauses
            .iter()
            .filter(|(n, _)| *n == name || *n == family || *n == "*/*");
        fits.map(|(_, q)| *q).fold(0.0, f32::max)
    };
    let mut best = ("text/html", 0.0);
    for offer in OFFERED {
        let q = quality(offer);
        if q > best.1 {
            best = (offer.0, q);
        }
    }
    best.0
}

fn clause(text: &str) -> Option<(&str, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next()?;
    let mut quality = 1.0;
    for part in parts {
        quality = part.strip_prefix("q=")?.trim().parse().ok()?;
    }
    Some((name, quality))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn accept_chooses_the_answer() {
        for (accept, expected) in [
            ("application/json", "application/json"),
            ("text/html", "text/html"),
            ("text/plain", "text/plain"),
            ("*/*", "text/html"),
            ("text/*", "text/html"),
            ("application/*", "application/json"),
            ("image/png", "text/html"),
            (
                "application/xml, application/json;q=0.5",
                "application/json",
            ),
            (
                "text/html;q=0.3, application/json;q=0.9",
                "application/json",
            ),
            ("application/json, text/plain", "text/plain"),
            ("APPLICATION/JSON", "text/html"),
            ("application/json; charset=utf-8", "text/html"),
            ("application/json;q=0", "text/html"),
            ("*/*;q=0.1, text/plain;q=0.2", "text/plain"),
            ("", "text/html"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(preferred(&headers), expected, "{accept}");
        }
        assert_eq!(preferred(&HeaderMap::new()), "text/html");
    }

    #[test]
    fn the_json_form_is_nested() {
        let value: serde_json::Value = serde_json::from_str(&json()).unwrap();
        assert_eq!(value["error"]["code"], 404);
        assert_eq!(value["error"]["reason"], REASON);
    }

    #[test]
    fn the_public_listener_says_it_plainly() {
        let response = not_found(Listener::Public, &HeaderMap::new());
        assert_eq!(response.body(), "404 page not found\n");
        assert_eq!(
            response.headers()[header::X_CONTENT_TYPE_OPTIONS],
            "nosniff"
        );
        let response = method_not_allowed("GET, OPTIONS");
        assert_eq!(response.body(), "Method Not Allowed\n");
        assert_eq!(response.headers()[header::ALLOW], "GET, OPTIONS");
    }
}

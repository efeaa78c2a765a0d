//! Makes answers; the one place that knows their headers.

use std::borrow::Cow;

use api_types::PageQuery;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use provider::{BrowserAnswer, CookiePolicy, Go};
use serde::Serialize;

use crate::extract::Request;
use crate::{cookies, pages, path};

/// An answer, whole in memory.
pub(crate) type Response = http::Response<Bytes>;

/// What is sent unless a handler says otherwise.
pub(crate) const NOT_CACHED: HeaderValue =
    HeaderValue::from_static("private, no-cache, no-store, must-revalidate");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

/// An answer with a body of a media type.
pub(crate) fn body(status: StatusCode, media: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// JSON text and a line break, as the admin API and its like answer.
pub(crate) fn json_text(status: StatusCode, mut text: String) -> Response {
    text.push('\n');
    body(status, JSON, text)
}

/// A value as JSON and a line break.
pub(crate) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    json_text(status, api_types::to_go_json(value))
}

/// JSON as the token endpoint answers: its own media type, no line break, never stored (RFC 6749
/// §5.1).
pub(crate) fn token_json(status: StatusCode, text: String) -> Response {
    no_store(body(status, "application/json;charset=UTF-8", text))
}

/// Forbids to store the answer.
pub(crate) fn no_store(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    headers.insert(header::PRAGMA, NO_CACHE);
    response
}

/// A page.
pub(crate) fn page(status: StatusCode, html: String) -> Response {
    body(status, HTML, html)
}

/// A line of text as Go's library answers errors.
pub(crate) fn plain_error(status: StatusCode, text: &str) -> Response {
    let mut response = body(status, PLAIN, format!("{text}\n"));
    let nosniff = HeaderValue::from_static("nosniff");
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}

/// A redirect; a GET is given a link to follow by hand as well.
pub(crate) fn redirect(status: StatusCode, method: &Method, url: &str) -> Response {
    let mut response = if *method == Method::GET || *method == Method::HEAD {
        let link = pages::escape(url);
        let reason = status.canonical_reason().unwrap_or_default();
        let text = if *method == Method::GET {
            format!("<a href=\"{link}\">{reason}</a>.\n\n")
        } else {
            String::new()
        };
        body(status, HTML, text)
    } else {
        empty(status)
    };
    response
        .headers_mut()
        .insert(header::LOCATION, header_text(url));
    response
}

/// Puts a header; what cannot stand in one is escaped.
pub(crate) fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    response.headers_mut().insert(name, header_text(value));
    response
}

/// Adds the headers of a page of a list; `total` counts all its rows.
pub(crate) fn paged(
    response: Response,
    request: &Request,
    page: PageQuery,
    total: u64,
) -> Response {
    let link = page.link(&request.path, &request.query_params(), total);
    let response = with_header(response, header::LINK, &link);
    with_header(
        response,
        HeaderName::from_static("x-total-count"),
        &total.to_string(),
    )
}

/// Any text as a header's value.
fn header_text(text: &str) -> HeaderValue {
    let clean = |text: &str| HeaderValue::from_str(text).ok();
    let ascii = text.is_ascii().then(|| clean(text)).flatten();
    ascii.unwrap_or_else(|| {
        let mut escaped = String::new();
        path::encode_raw(text, &mut escaped);
        clean(&escaped).unwrap_or(HeaderValue::from_static(""))
    })
}

/// Sends a browser where the provider wants it.
pub(crate) fn browser(
    request: &Request,
    answer: &BrowserAnswer,
    policy: &CookiePolicy,
) -> Response {
    let mut response = match &answer.go {
        Go::App(url) | Go::ErrorPage(url) | Go::Target(url) => {
            let url = resolved(&request.path, url);
            redirect(StatusCode::FOUND, &request.method, &url)
        }
        Go::Client(url) => {
            let response = no_store(empty(StatusCode::SEE_OTHER));
            with_header(response, header::LOCATION, url)
        }
        Go::FormPost { action, fields } => no_store(body(
            StatusCode::OK,
            "text/html;charset=UTF-8",
            pages::form_post(action, fields),
        )),
        Go::FrontChannel { frames, target } => {
            page(StatusCode::OK, pages::front_channel_logout(frames, target))
        }
    };
    put_cookies(response.headers_mut(), answer, policy);
    response
}

/// A relative address of an app, such as `ui/consent`, seen from the path of the request; any other
/// address as it is.
fn resolved<'a>(path: &str, url: &'a str) -> Cow<'a, str> {
    let has_scheme = url
        .split_once(':')
        .is_some_and(|(scheme, _)| !scheme.contains(['/', '?', '#']));
    if url.starts_with('/') || has_scheme {
        return Cow::Borrowed(url);
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    Cow::Owned(format!("{folder}/{url}"))
}

fn put_cookies(headers: &mut HeaderMap, answer: &BrowserAnswer, policy: &CookiePolicy) {
    for change in &answer.cookies {
        match cookies::set_cookie(change, policy) {
            Some(value) => {
                headers.append(header::SET_COOKIE, value);
            }
            None => tracing::error!(cookie.name = %change.name, "a cookie cannot be written"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_carries_a_link_for_get_only() {
        for (method, text) in [
            (
                Method::GET,
                "<a href=\"/x?a=%3Cb%3E&amp;c=d\">Temporary Redirect</a>.\n\n",
            ),
            (Method::POST, ""),
        ] {
            let response = redirect(StatusCode::TEMPORARY_REDIRECT, &method, "/x?a=%3Cb%3E&c=d");
            assert_eq!(response.body(), text);
            assert_eq!(response.headers()[header::LOCATION], "/x?a=%3Cb%3E&c=d");
            assert_eq!(
                response.headers().contains_key(header::CONTENT_TYPE),
                method == "GET"
            );
        }
    }

    #[test]
    fn a_relative_address_is_seen_from_the_request() {
        for (url, expected) in [
            ("ui/consent?a=b", "/oauth2/ui/consent?a=b"),
            ("ui?a=b:c", "/oauth2/ui?a=b:c"),
            ("/ui/login", "/ui/login"),
            ("//host/login", "//host/login"),
            ("https://app/login", "https://app/login"),
            ("app:/login", "app:/login"),
            ("", "/oauth2/"),
        ] {
            assert_eq!(resolved("/oauth2/auth", url), expected, "{url}");
        }
    }

    #[test]
    fn no_header_is_split() {
        for (text, expected) in [
            ("https://a/?x=1", "https://a/?x=1"),
            (
                "https://a/\r\nSet-Cookie: b",
                "https://a/%0D%0ASet-Cookie:%20b",
            ),
            ("https://ä/", "https://%C3%A4/"),
        ] {
            assert_eq!(header_text(text), expected);
        }
    }
}

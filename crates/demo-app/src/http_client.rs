//! Outgoing HTTP, to this machine only: one connection per call, bounded in time and size,
//! redirects not followed.

use std::{io, net::IpAddr, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use url::{Host, Url};

const TIME_LIMIT: Duration = Duration::from_secs(10);
const BODY_LIMIT: usize = 1024 * 1024;

/// Why a call got no answer. Addresses are shown without their query, which may hold secrets.
#[derive(Debug, thiserror::Error)]
pub enum HttpFault {
    /// Not plain HTTP, or not this machine.
    #[error("{url} is not an http:// address of this machine")]
    NotLocal {
        /// The refused address.
        url: String,
    },
    /// Nobody listens there, or the connection broke.
    #[error("{url} cannot be reached: {source}")]
    Unreachable {
        /// The address.
        url: String,
        /// What the system says.
        source: io::Error,
    },
    /// What came is no HTTP, or ended too early.
    #[error("{url} did not answer with HTTP: {reason}")]
    Broken {
        /// The address.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// The answer took longer than ten seconds.
    #[error("{url} did not answer within {} seconds", TIME_LIMIT.as_secs())]
    TooSlow {
        /// The address.
        url: String,
    },
    /// The answer is larger than 1 MiB.
    #[error("the answer of {url} is larger than {BODY_LIMIT} bytes")]
    TooLarge {
        /// The address.
        url: String,
    },
}

/// A request in the making.
pub(crate) struct Call {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    pub(crate) fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// A POST of an `application/x-www-form-urlencoded` form.
    pub(crate) fn post_form<N: AsRef<str>, V: AsRef<str>>(url: Url, fields: &[(N, V)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        Self::get(url).with_body(
            Method::POST,
            "application/x-www-form-urlencoded",
            body.into(),
        )
    }

    /// A request with a JSON body. What cannot be written as JSON travels as an empty body, and
    /// the server says what it thinks of that.
    pub(crate) fn json(method: Method, url: Url, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self::get(url).with_body(method, "application/json", body.into())
    }

    /// Authenticates a client by `client_secret_basic`: both parts are form-encoded first
    /// (RFC 6749 §2.3.1).
    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        let encoded =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let pair = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
        self.with_header(header::AUTHORIZATION, &format!("Basic {pair}"))
    }

    /// Presents an access token (RFC 6750 §2.1).
    pub(crate) fn bearer(self, access_token: &str) -> Self {
        self.with_header(header::AUTHORIZATION, &format!("Bearer {access_token}"))
    }

    /// Adds a header; a value that no header can hold is left out.
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Sends the request and reads the whole answer.
    pub(crate) async fn send(self) -> Result<Answer, HttpFault> {
        let shown = without_query(&self.url);
        match tokio::time::timeout(TIME_LIMIT, self.exchange(&shown)).await {
            Ok(answer) => answer,
            Err(_) => Err(HttpFault::TooSlow { url: shown }),
        }
    }

    fn with_body(mut self, method: Method, content_type: &'static str, body: Bytes) -> Self {
        self.method = method;
        self.body = body;
        let value = HeaderValue::from_static(content_type);
        self.headers.insert(header::CONTENT_TYPE, value);
        self
    }

    async fn exchange(self, shown: &str) -> Result<Answer, HttpFault> {
        let unreachable = |source| HttpFault::Unreachable {
            url: shown.to_owned(),
            source,
        };
        let broken = |reason: String| HttpFault::Broken {
            url: shown.to_owned(),
            reason,
        };
        let not_local = || HttpFault::NotLocal {
            url: shown.to_owned(),
        };
        if !is_local_http(&self.url) {
            return Err(not_local());
        }
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or(80);
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let stream = tokio::net::TcpStream::connect((bare, port))
            .await
            .map_err(unreachable)?;
        // A resolver may say anything about `localhost`; what counts is where we arrived.
        if !stream.peer_addr().map_err(unreachable)?.ip().is_loopback() {
            return Err(not_local());
        }

        let target = match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        };
        let authority = match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let mut request = Request::builder()
            .method(self.method)
            .uri(target)
            .header(header::HOST, authority)
            .header(header::CONNECTION, "close")
            .body(Full::new(self.body))
            .map_err(|e| broken(e.to_string()))?;
        request.headers_mut().extend(self.headers);

        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|e| broken(e.to_string()))?;
        // Ends by itself when the exchange is over or `sender` is dropped by the time limit.
        tokio::spawn(connection);
        let response = sender
            .send_request(request)
            .await
            .map_err(|e| broken(e.to_string()))?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, BODY_LIMIT)
            .collect()
            .await
            .map_err(|e| match e.downcast_ref::<LengthLimitError>() {
                Some(_) => HttpFault::TooLarge {
                    url: shown.to_owned(),
                },
                None => broken(e.to_string()),
            })?
            .to_bytes();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON; `None` if it is none or has another shape.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The beginning of the body on one line, for error messages.
    pub(crate) fn excerpt(&self) -> String {
        excerpt(&self.text())
    }
}

/// The first 300 characters with white space folded.
pub(crate) fn excerpt(text: &str) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match folded.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &folded[..end]),
        None if folded.is_empty() => "(empty body)".to_owned(),
        None => folded,
    }
}

/// Whether this is a plain HTTP address that names this machine.
pub(crate) fn is_local_http(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

/// Challenges, codes and tokens travel in queries; messages go without.
pub(crate) fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_form_encoded_first() {
        let call = Call::get("http://127.0.0.1/".parse().unwrap()).basic("a b", "s:+%");
        let sent = call.headers[header::AUTHORIZATION].to_str().unwrap();
        let decoded = STANDARD.decode(sent.strip_prefix("Basic ").unwrap());
        assert_eq!(decoded.unwrap(), b"a+b:s%3A%2B%25");
    }

    #[test]
    fn excerpts_are_short_and_on_one_line() {
        for (text, short) in [
            ("a\n  b", "a b"),
            ("", "(empty body)"),
            (" \n", "(empty body)"),
        ] {
            assert_eq!(excerpt(text), short);
        }
        assert_eq!(excerpt(&"ä".repeat(1000)).chars().count(), 301);
    }

    #[tokio::test]
    async fn other_machines_are_never_called() {
        for url in [
            "http://192.0.2.1/",
            "https://127.0.0.1/",
            "http://example.org/?code=1",
        ] {
            let fault = Call::get(url.parse().unwrap()).send().await.err().unwrap();
            assert!(
                matches!(fault, HttpFault::NotLocal { .. }),
                "{url}: {fault}"
            );
            assert!(!fault.to_string().contains("code"), "{fault}");
        }
    }
}

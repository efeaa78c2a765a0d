use std::net::IpAddr;

use async_trait::async_trait;

/// Reaches other servers: key sets, sector documents and hooks are fetched through it.
///
/// Whoever implements it bounds time and size, tries again where that helps, and heeds [`Reach`]
/// for the address that is connected to in the end, not for a name.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`FetchError`]; answers 429 and 5xx but 501 are errors once trying again did not help.
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError>;

    /// The addresses of a host name or of an IP address; empty if it has none or nobody knows in
    /// time.
    async fn addresses(&self, host: &str) -> Vec<IpAddr>;
}

/// Which machines a request may reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// All of them.
    #[default]
    Everywhere,
    /// None with a [private address](crate::private_range), so that nobody's registration makes
    /// this server call its own network.
    PublicOnly,
}

/// A request to another server. It prints neither its body nor the query of its address.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchRequest {
    /// Where to, `http` or `https`; user information becomes an `Authorization: Basic` header.
    pub url: String,
    /// The body of a POST and its `Content-Type`; `None`: a GET.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// How many redirects are followed; each target is held to `reach` anew, and none leads from
    /// TLS to plain text.
    pub redirects: u8,
    /// Which machines it may reach.
    pub reach: Reach,
    /// The longest answer that is read, bytes.
    pub max_bytes: usize,
}

impl FetchRequest {
    /// The most that an answer may have unless the caller says otherwise: 10 MiB.
    pub const MAX_BYTES: usize = 10 * 1024 * 1024;
    /// As many redirects as Hydra follows.
    pub const REDIRECTS: u8 = 10;

    /// A GET that follows no redirects.
    #[must_use]
    pub fn get(url: impl Into<String>, reach: Reach) -> Self {
        Self {
            url: url.into(),
            body: None,
            redirects: 0,
            reach,
            max_bytes: Self::MAX_BYTES,
        }
    }

    /// A POST that follows no redirects.
    #[must_use]
    pub fn post(
        url: impl Into<String>,
        content_type: &'static str,
        body: Vec<u8>,
        reach: Reach,
    ) -> Self {
        Self {
            body: Some((content_type, body)),
            ..Self::get(url, reach)
        }
    }

    /// The same, following redirects.
    #[must_use]
    pub fn follow(mut self, redirects: u8) -> Self {
        self.redirects = redirects;
        self
    }
}

impl std::fmt::Debug for FetchRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let method = if self.body.is_some() { "POST" } else { "GET" };
        let shown = self.url.split(['?', '#']).next().unwrap_or_default();
        let (scheme, rest) = shown.split_once("://").unwrap_or(("", shown));
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        write!(f, "FetchRequest({method} {scheme}://{host})")
    }
}

/// What another server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchResponse {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No request can be made for this address.
    #[error("no request can be made for the address: {0}")]
    Address(String),
    /// Requests to where it leads are not allowed.
    #[error("the request is not allowed: {0}")]
    Forbidden(String),
    /// Nobody answered, or not in HTTP, or not in time.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// The answer is longer than the request allows.
    #[error("the answer is too long")]
    TooLong,
    /// The server answered that it cannot, and went on doing so.
    #[error("giving up, the server still answers with status {0}")]
    GaveUp(u16),
}

/// Fetches nothing: for servers that call nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFetch;

#[async_trait]
impl Fetch for NoFetch {
    async fn fetch(&self, _: FetchRequest) -> Result<FetchResponse, FetchError> {
        Err(FetchError::Forbidden("this server calls nobody".into()))
    }

    async fn addresses(&self, host: &str) -> Vec<IpAddr> {
        host.parse().into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_print_no_secrets() {
        let body = b"body-secret".to_vec();
        let request = FetchRequest::post(
            "https://u:pw-secret@a.example:1/b?query-secret#x",
            "text/plain",
            body,
            Reach::Everywhere,
        );
        assert_eq!(
            format!("{request:?}"),
            "FetchRequest(POST https://a.example:1/b)"
        );
    }
}

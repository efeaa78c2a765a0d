//! Where a request goes, taken apart.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oauth_types::FetchError;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// The parts of an address that a request needs.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    url: Url,
    /// Whether it is reached over TLS.
    pub(crate) tls: bool,
}

impl Target {
    pub(crate) fn parse(url: &str) -> Result<Self, FetchError> {
        let url = Url::parse(url).map_err(|why| FetchError::Address(why.to_string()))?;
        Self::of(url)
    }

    fn of(url: Url) -> Result<Self, FetchError> {
        let tls = match url.scheme() {
            "https" => true,
            "http" => false,
            other => {
                let why = format!("unsupported protocol scheme '{other}'");
                return Err(FetchError::Unreachable(why));
            }
        };
        Ok(Self { url, tls })
    }

    /// Where a redirect leads (RFC 9110 §10.2.2).
    pub(crate) fn join(&self, location: &str) -> Result<Self, FetchError> {
        let joined = self.url.join(location);
        let target = Self::of(joined.map_err(|why| FetchError::Unreachable(why.to_string()))?)?;
        if self.tls && !target.tls {
            let why = "a redirect leads from TLS to plain text".to_owned();
            return Err(FetchError::Forbidden(why));
        }
        Ok(target)
    }

    /// The name or IP address, without brackets.
    pub(crate) fn host(&self) -> String {
        match self.url.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    /// The value of `Host` (RFC 9110 §7.2).
    pub(crate) fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Path and query (RFC 9112 §3.2.1).
    pub(crate) fn origin_form(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// The value of `Authorization`, if the address names a user (RFC 7617).
    pub(crate) fn authorization(&self) -> Option<String> {
        let (user, password) = (self.url.username(), self.url.password());
        if user.is_empty() && password.is_none() {
            return None;
        }
        let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
        let pair = [
            &decoded(user)[..],
            b":",
            &decoded(password.unwrap_or_default()),
        ];
        Some(format!("Basic {}", STANDARD.encode(pair.concat())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_fall_into_the_parts_of_a_request() {
        for (url, host, port, authority, form, authorization) in [
            ("http://a.example", "a.example", 80, "a.example", "/", None),
            (
                "https://u%40x:p@[::1]:8443/b?c=d#e",
                "::1",
                8443,
                "[::1]:8443",
                "/b?c=d",
                Some("Basic dUB4OnA="),
            ),
        ] {
            let target = Target::parse(url).unwrap();
            assert_eq!((target.host().as_str(), target.port()), (host, port));
            assert_eq!(
                (target.authority().as_str(), target.origin_form().as_str()),
                (authority, form)
            );
            assert_eq!(target.authorization().as_deref(), authorization);
        }
    }

    #[test]
    fn what_no_request_can_be_made_for_is_told_apart() {
        for (url, address) in [
            ("", true),
            ("/path", true),
            ("http://", true),
            ("http://a:99999/", true),
            ("ftp://a.example/", false),
            ("file:///etc/passwd", false),
        ] {
            let error = Target::parse(url).unwrap_err();
            assert_eq!(
                matches!(error, FetchError::Address(_)),
                address,
                "{url}: {error}"
            );
        }
    }

    #[test]
    fn no_redirect_leads_from_tls_to_plain_text() {
        let target = Target::parse("https://a.example/x/y").unwrap();
        assert_eq!(target.join("../z").unwrap().origin_form(), "/z");
        assert!(matches!(
            target.join("http://a.example/"),
            Err(FetchError::Forbidden(_))
        ));
        assert!(
            Target::parse("http://a.example/")
                .unwrap()
                .join("https://b.example/")
                .is_ok()
        );
    }
}

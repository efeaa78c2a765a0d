use std::net::SocketAddr;

use url::Url;

use crate::{DemoError, http_client};

/// Where the demo listens and where it finds Hydrus.
#[derive(Clone, Debug)]
pub struct DemoConfig {
    /// Base of Hydrus' public port as a browser reaches it; equal to its issuer.
    pub public: Url,
    /// Base of Hydrus' admin port.
    pub admin: Url,
    /// The demo's own address; a loopback address with its real port.
    pub listen: SocketAddr,
}

impl DemoConfig {
    /// Puts the three addresses together.
    ///
    /// # Errors
    /// [`DemoError::NotLoopback`] and [`DemoError::BadBase`] where an address is not one of this
    /// machine: the demo knows its users' passwords by heart and speaks plain HTTP.
    pub fn new(public: Url, admin: Url, listen: SocketAddr) -> Result<Self, DemoError> {
        let config = Self {
            public,
            admin,
            listen,
        };
        config.check()?;
        Ok(config)
    }

    /// The rules of [`DemoConfig::new`], for values that were put together by hand.
    pub(crate) fn check(&self) -> Result<(), DemoError> {
        if !self.listen.ip().is_loopback() {
            return Err(DemoError::NotLoopback(self.listen));
        }
        for (what, url) in [("public", &self.public), ("admin", &self.admin)] {
            if url.cannot_be_a_base() || !http_client::is_local_http(url) {
                return Err(DemoError::BadBase {
                    what,
                    url: url.clone(),
                });
            }
        }
        Ok(())
    }

    /// The demo's origin, `http://127.0.0.1:5555`, without a slash at the end.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// The value for Hydrus' setting `urls.login`.
    #[must_use]
    pub fn login_url(&self) -> String {
        self.own("/login")
    }

    /// The value for Hydrus' setting `urls.consent`.
    #[must_use]
    pub fn consent_url(&self) -> String {
        self.own("/consent")
    }

    /// The value for Hydrus' setting `urls.logout`.
    #[must_use]
    pub fn logout_url(&self) -> String {
        self.own("/logout")
    }

    /// The value for Hydrus' setting `urls.error`.
    #[must_use]
    pub fn error_url(&self) -> String {
        self.own("/error")
    }

    /// The value for Hydrus' setting `urls.post_logout_redirect`, and what the demo client
    /// registers as its `post_logout_redirect_uri`.
    #[must_use]
    pub fn logged_out_url(&self) -> String {
        self.own("/logged-out")
    }

    /// The redirect URI of the demo client.
    #[must_use]
    pub fn callback_url(&self) -> String {
        self.own("/callback")
    }

    /// An address on the public port.
    pub(crate) fn public_url(&self, path: &str) -> Url {
        below(&self.public, path)
    }

    /// An address on the admin port.
    pub(crate) fn admin_url(&self, path: &str) -> Url {
        below(&self.admin, path)
    }

    fn own(&self, path: &str) -> String {
        self.origin() + path
    }
}

/// Joins with exactly one slash, whether or not the base ends in one.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(public: &str, listen: &str) -> Result<DemoConfig, DemoError> {
        DemoConfig::new(
            public.parse().unwrap(),
            "http://127.0.0.1:4445".parse().unwrap(),
            listen.parse().unwrap(),
        )
    }

    #[test]
    fn only_addresses_of_this_machine_are_accepted() {
        for (public, listen, fine) in [
            ("http://127.0.0.1:4444/", "127.0.0.1:5555", true),
            ("http://localhost:4444/", "[::1]:5555", true),
            ("http://[::1]:4444/", "127.9.9.9:5555", true),
            ("http://127.0.0.1:4444/", "0.0.0.0:5555", false),
            ("http://127.0.0.1:4444/", "[::]:5555", false),
            ("http://127.0.0.1:4444/", "192.0.2.1:5555", false),
            ("https://127.0.0.1:4444/", "127.0.0.1:5555", false),
            ("http://auth.example.org/", "127.0.0.1:5555", false),
            ("http://localhost.example.org/", "127.0.0.1:5555", false),
            ("mailto:a@localhost", "127.0.0.1:5555", false),
        ] {
            assert_eq!(check(public, listen).is_ok(), fine, "{public} {listen}");
        }
        let refused = check("http://127.0.0.1:1", "0.0.0.0:5555").unwrap_err();
        assert!(refused.to_string().contains("0.0.0.0:5555"), "{refused}");
    }

    #[test]
    fn addresses_are_joined_with_one_slash() {
        for (base, joined) in [
            ("http://127.0.0.1:4444", "http://127.0.0.1:4444/oauth2/auth"),
            (
                "http://127.0.0.1:4444/",
                "http://127.0.0.1:4444/oauth2/auth",
            ),
            ("http://localhost:1/a/", "http://localhost:1/a/oauth2/auth"),
        ] {
            let config = check(base, "[::1]:80").unwrap();
            assert_eq!(config.public_url("/oauth2/auth").as_str(), joined);
            assert_eq!(config.callback_url(), "http://[::1]:80/callback");
        }
    }
}

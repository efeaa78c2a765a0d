//! How a client says who it is and proves it by a secret (RFC 6749 §2.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use client_registry::Client;
use oauth_types::{ClientId, ErrorCode, OAuthError, Params, Secret, form_decode};

/// What a request says about its client, before anything is believed.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Who it claims to be.
    pub client_id: ClientId,
    /// The secret; empty where none was given.
    pub secret: Secret,
    /// Whether a Basic header with a non-empty password was given.
    basic_secret: bool,
    /// Whether the body has both a client id and a secret.
    post_secret: bool,
}

/// What remains to be proved once the method is found acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing: the client is public.
    None,
    /// The secret has to match the stored hash.
    Secret,
}

/// User name and password of a Basic header, still form-encoded. Hydra: a header of another scheme,
/// with other blanks, without colon or with bad base64 counts as absent.
#[must_use]
pub fn basic(authorization: Option<&str>) -> Option<(String, String)> {
    let (scheme, rest) = authorization?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(rest).ok()?;
    let text = String::from_utf8_lossy(&decoded).into_owned();
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

impl Credentials {
    /// Reads header and body. A usable Basic header wins over the body for identification.
    ///
    /// # Errors
    /// `invalid_request` if they cannot be decoded or name nobody.
    pub fn read(authorization: Option<&str>, form: &Params) -> Result<Self, OAuthError> {
        let refuse = |hint: String| OAuthError::new(ErrorCode::InvalidRequest).hint(hint);
        let (body_id, body_secret) = (form.text("client_id"), form.text("client_secret"));
        let post_secret = !body_id.is_empty() && !body_secret.is_empty();
        if let Some((user, password)) = basic(authorization) {
            let undecodable = |what: &str| {
                refuse(format!(
                    "The client {what} in the HTTP authorization header could not be decoded from \
                     'application/x-www-form-urlencoded'."
                ))
            };
            let id = form_decode(&user).ok_or_else(|| undecodable("id"))?;
            let secret = form_decode(&password).ok_or_else(|| undecodable("secret"))?;
            return Ok(Self {
                client_id: ClientId::new(id),
                basic_secret: !secret.is_empty(),
                secret: Secret::new(secret),
                post_secret,
            });
        }
        if body_id.is_empty() {
            return Err(refuse(
                "Client credentials missing or malformed in both HTTP Authorization header and \
                 HTTP POST body."
                    .into(),
            ));
        }
        Ok(Self {
            client_id: ClientId::new(body_id),
            secret: Secret::new(body_secret),
            basic_secret: false,
            post_secret,
        })
    }

    /// Whether the client may prove itself in this way, and what is left to prove.
    ///
    /// # Errors
    /// `invalid_client` with a hint that names both methods.
    pub fn check_method(&self, client: &Client) -> Result<Proof, OAuthError> {
        let registered = client.auth_method();
        let refuse = |asked: &str| {
            Err(OAuthError::new(ErrorCode::InvalidClient).hint(format!(
                "The OAuth 2.0 Client supports client authentication method '{registered}', but \
                 method '{asked}' was requested. You must configure the OAuth 2.0 client's \
                 'token_endpoint_auth_method' value to accept '{asked}'."
            )))
        };
        if self.post_secret && registered != "client_secret_post" {
            return refuse("client_secret_post");
        }
        if self.basic_secret && registered != "client_secret_basic" {
            return refuse("client_secret_basic");
        }
        Ok(if client.is_public() {
            Proof::None
        } else {
            Proof::Secret
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_are_no_basic_credentials_count_as_absent() {
        for (header, found) in [
            ("Basic YTpi", Some(("a", "b"))),
            ("bAsIc YTpi", Some(("a", "b"))),
            ("Basic  YTpi", None),
            ("Basic YTpi=", None),
            ("Basic YQ==", None),
            ("Bearer YTpi", None),
            ("Basic OmI=", Some(("", "b"))),
            ("Basic YTpiOmM=", Some(("a", "b:c"))),
        ] {
            let read = basic(Some(header));
            assert_eq!(
                read.as_ref().map(|(u, p)| (u.as_str(), p.as_str())),
                found,
                "{header}"
            );
        }
    }

    #[test]
    fn credentials_are_form_decoded_and_the_header_wins() {
        let header = format!("Basic {}", STANDARD.encode("a%20b:p%2Bq+r"));
        let read = Credentials::read(Some(&header), &Params::parse("client_id=c")).unwrap();
        assert_eq!(
            (read.client_id.as_str(), read.secret.expose()),
            ("a b", "p+q r")
        );
        let broken = format!("Basic {}", STANDARD.encode("a:%zz"));
        let error = Credentials::read(Some(&broken), &Params::default()).unwrap_err();
        assert!(
            error
                .description(false)
                .contains("client secret in the HTTP authorization header")
        );
    }
}

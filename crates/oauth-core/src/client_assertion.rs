//! How a client proves who it is by a signature (RFC 7523 §2.2 and §3, OpenID Connect Core §9,
//! `private_key_jwt`).

use std::fmt;

use client_registry::Client;
use crypto::{Jwk, KeyAlgorithm};
use oauth_types::{ClientId, ErrorCode, OAuthError, Params, Timestamp};
use serde_json::{Map, Value};

use crate::{Claimed, Core, TokenPolicy};

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client's assertion about itself, before anything of it is believed.
pub struct ClientAssertion {
    /// Who it claims to be.
    pub client_id: ClientId,
    token: String,
    alg: String,
    kid: String,
    claims: Map<String, Value>,
}

impl fmt::Debug for ClientAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAssertion")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

fn refuse(hint: impl Into<String>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClient).hint(hint.into())
}

fn not_intact() -> OAuthError {
    refuse("Unable to verify the integrity of the 'client_assertion' value.")
}

/// White space anywhere in a JWT does not count.
pub(crate) fn without_blanks(token: &str) -> String {
    token.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A member of a JWT's header that has to be a text where it is given; `None` if it is something
/// else.
pub(crate) fn header_text(header: &Value, name: &str) -> Option<String> {
    match header.get(name) {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => None,
    }
}

/// A NumericDate (RFC 7519 §2) without its fraction; what does not fit becomes the largest number.
pub(crate) fn seconds(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    claims.get(name)?.as_f64().map(|secs| secs as i64)
}

impl ClientAssertion {
    /// Finds the assertion of a request; `None` if it has none.
    ///
    /// # Errors
    /// `invalid_request` if it is of an unknown kind or missing, `invalid_client` if it is no JWT
    /// or does not say whose it is.
    pub fn read(form: &Params) -> Result<Option<Self>, OAuthError> {
        let kind = form.text("client_assertion_type");
        if kind.is_empty() {
            return Ok(None);
        }
        if kind != KIND {
            return Err(OAuthError::new(ErrorCode::InvalidRequest)
                .hint(format!("Unknown client_assertion_type '{kind}'.")));
        }
        let token = without_blanks(form.text("client_assertion"));
        if token.is_empty() {
            return Err(OAuthError::new(ErrorCode::InvalidRequest).hint(format!(
                "The client_assertion request parameter must be set when using \
                 client_assertion_type of '{KIND}'."
            )));
        }
        let seen = crypto::peek(&token).map_err(|why| not_intact().debug(why.to_string()))?;
        let (Some(alg), Some(kid), Value::Object(claims)) = (
            header_text(&seen.header, "alg"),
            header_text(&seen.header, "kid"),
            seen.claims,
        ) else {
            return Err(not_intact());
        };
        let client_id = match (form.text("client_id"), claims.get("sub")) {
            ("", Some(Value::String(subject))) => subject,
            ("", _) => {
                return Err(refuse(
                    "The claim 'sub' from the client_assertion JSON Web Token is undefined.",
                ));
            }
            (named, _) => named,
        };
        Ok(Some(Self {
            client_id: ClientId::new(client_id),
            token,
            alg,
            kid,
            claims,
        }))
    }

    /// Whether the client may prove itself in this way, and the type of its keys.
    fn check_method(&self, client: &Client) -> Result<&'static str, OAuthError> {
        match client.auth_method() {
            "private_key_jwt" => {}
            "none" => {
                return Err(refuse(
                    "This requested OAuth 2.0 client does not support client authentication, \
                     however 'client_assertion' was provided in the request.",
                ));
            }
            method @ ("client_secret_basic" | "client_secret_post") => {
                return Err(refuse(format!(
                    "This requested OAuth 2.0 client only supports client authentication method \
                     '{method}', however 'client_assertion' was provided in the request."
                )));
            }
            method => {
                return Err(refuse(format!(
                    "This requested OAuth 2.0 client only supports client authentication method \
                     '{method}', however that method is not supported by this server."
                )));
            }
        }
        let (alg, enforced) = (self.alg.as_str(), client.auth_signing_alg());
        if alg != enforced {
            return Err(refuse(format!(
                "The 'client_assertion' uses signing algorithm '{alg}' but the requested OAuth 2.0 \
                 Client enforces signing algorithm '{enforced}'."
            )));
        }
        if alg.starts_with("HS") {
            return Err(refuse(
                "This authorization server does not support client authentication method \
                 'client_secret_jwt'.",
            ));
        }
        match KeyAlgorithm::parse(alg) {
            Some(_) if alg.starts_with("RS") || alg.starts_with("PS") => Ok("RSA"),
            Some(_) if alg.starts_with("ES") => Ok("EC"),
            _ => Err(refuse(format!(
                "The 'client_assertion' request parameter uses unsupported signing algorithm \
                 '{alg}'."
            ))),
        }
    }

    /// Whether now is its time. Hydra: an expiry of zero passes for none and other times than now
    /// end in a 500 without a reason; here all of them are refused by name.
    fn check_time(&self, now: Timestamp) -> Result<(), OAuthError> {
        let now = now.as_secs();
        let at = |name| seconds(&self.claims, name);
        let over = at("exp").is_some_and(|exp| exp < now);
        if over
            || ["iat", "nbf"]
                .iter()
                .any(|name| at(name).is_some_and(|at| at > now))
        {
            return Err(refuse(
                "Unable to verify the request object because its claims could not be validated, \
                 check if the expiry time is set correctly.",
            ));
        }
        Ok(())
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.claims.get(name).and_then(Value::as_str) == Some(value)
    }

    fn is_meant_for(&self, audience: &str) -> bool {
        match self.claims.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(some)) => some.iter().any(|one| one.as_str() == Some(audience)),
            _ => false,
        }
    }

    /// Picks the key: the first that is fit, of those that the header names.
    fn pick(&self, keys: &[Jwk], kty: &str) -> Result<Jwk, OAuthError> {
        let refuse = |hint: String| Err(OAuthError::new(ErrorCode::InvalidRequest).hint(hint));
        if keys.is_empty() {
            return refuse("The retrieved JSON Web Key Set does not contain any key.".into());
        }
        let kid = self.kid.as_str();
        let named: Vec<&Jwk> = keys
            .iter()
            .filter(|key| kid.is_empty() || key.kid() == kid)
            .collect();
        if named.is_empty() {
            return refuse(format!(
                "The JSON Web Token uses signing key with kid '{kid}', which could not be found."
            ));
        }
        let fit = |key: &&&Jwk| key.key_use() == "sig" && key.kty() == kty;
        match named.iter().find(fit) {
            Some(key) => Ok(Jwk::clone(key)),
            None => {
                let kind = if kty == "EC" { "ECDSA" } else { kty };
                refuse(format!(
                    "Unable to find {kind} public key with use='sig' for kid '{kid}' in JSON Web \
                     Key Set."
                ))
            }
        }
    }
}

impl Core {
    /// Checks an assertion in full and uses up its `jti`, which counts for this client alone. The
    /// client has to be the one that is stored now: what was used up cannot be checked again.
    ///
    /// # Errors
    /// `invalid_client`, or another error where the client's keys are at fault.
    pub async fn check_client_assertion(
        &self,
        client: &Client,
        assertion: &ClientAssertion,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<(), OAuthError> {
        let kty = assertion.check_method(client)?;
        let key = self
            .assertion_key(client, assertion, kty, policy, now)
            .await?;
        crypto::verify_jws(&assertion.token, &[key])
            .map_err(|why| not_intact().debug(why.to_string()))?;
        assertion.check_time(now)?;
        for name in ["iss", "sub"] {
            if !assertion.is(name, client.id.as_str()) {
                return Err(refuse(format!(
                    "Claim '{name}' from 'client_assertion' must match the 'client_id' of the \
                     OAuth 2.0 Client."
                )));
            }
        }
        let Some(Value::String(jti)) = assertion.claims.get("jti").filter(|jti| *jti != "") else {
            return Err(refuse(
                "Claim 'jti' from 'client_assertion' must be set but is not.",
            ));
        };
        let Some(expires_at) = seconds(&assertion.claims, "exp") else {
            return Err(refuse(
                "Unable to type assert the expiry time from claims. This should not happen as we \
                 validate the expiry time already earlier with token.Claims.Valid()",
            ));
        };
        let namespace = format!("client:{}", client.id);
        let hash = crypto::sha256_hex(jti.as_bytes());
        // It is good for the whole second in which it expires.
        let until = Timestamp::from_secs(expires_at.saturating_add(1));
        match self.trust.claim_jti(&namespace, &hash, until, now).await? {
            Claimed::First => {}
            Claimed::Known => {
                return Err(OAuthError::new(ErrorCode::JtiKnown)
                    .hint("Claim 'jti' from 'client_assertion' MUST only be used once."));
            }
        }
        if !assertion.is_meant_for(&policy.token_endpoint) {
            return Err(refuse(format!(
                "Claim 'audience' from 'client_assertion' must match the authorization server's \
                 token endpoint '{}'.",
                policy.token_endpoint
            )));
        }
        Ok(())
    }

    async fn assertion_key(
        &self,
        client: &Client,
        assertion: &ClientAssertion,
        kty: &str,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<Jwk, OAuthError> {
        // Every stored client has a set; one without the member `keys` stands for none.
        if let Some(own) = client.jwks.as_ref().filter(|own| own.as_str() != "{}") {
            return assertion.pick(&own.keys(), kty);
        }
        let url = client.jwks_uri.as_str();
        if url.is_empty() {
            return Err(refuse(
                "The OAuth 2.0 Client has no JSON Web Keys set registered, but they are needed to \
                 complete the request.",
            ));
        }
        let keys = self.remote_keys.keys(url, policy.reach, now).await?;
        let missed = match assertion.pick(&keys, kty) {
            Ok(key) => return Ok(key),
            Err(missed) => missed,
        };
        match self.remote_keys.newer(url, policy.reach, now).await? {
            Some(keys) => assertion.pick(&keys, kty),
            None => Err(missed),
        }
    }
}

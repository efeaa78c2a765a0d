//! Making ID tokens and reading them back as hints (OpenID Connect Core §2, §3.1.2.1).

use jwk_store::ID_TOKEN_KEYS;
use oauth_types::{ClientId, EntropyExt, OAuthError, Timestamp};
use serde_json::{Map, Value, json};

use crate::Core;
use crate::claims::{sorted_json, through_doubles};
use crate::session::Session;

/// What an ID token says beside its session.
pub(crate) struct IdTokenFor<'a> {
    pub(crate) client_id: &'a ClientId,
    pub(crate) session: &'a Session,
    pub(crate) issuer: &'a str,
    pub(crate) expires_at: Timestamp,
    /// The access token that is delivered alongside.
    pub(crate) access_token: Option<&'a str>,
    /// `c_hash`, if there is one.
    pub(crate) c_hash: &'a str,
    /// Whether `acr_values` asked for an `acr`; "0" says that none was given.
    pub(crate) acr_requested: bool,
}

/// The claims about a user that both ID tokens and userinfo show. Custom claims never override the
/// standard ones, and go where a standard one is known to be absent.
pub(crate) fn user_claims(session: &Session, acr: &str) -> Map<String, Value> {
    let mut claims = session.id_claims.clone();
    claims.values_mut().for_each(through_doubles);
    for name in [
        "nonce",
        "at_hash",
        "c_hash",
        "auth_time",
        "acr",
        "amr",
        "rat",
    ] {
        claims.remove(name);
    }
    if !session.client_subject.is_empty() {
        claims.insert("sub".into(), json!(session.client_subject));
    }
    if let Some(at) = session.auth_time {
        claims.insert("auth_time".into(), json!(at));
    }
    if let Some(at) = session.rat {
        claims.insert("rat".into(), json!(at));
    }
    if !acr.is_empty() {
        claims.insert("acr".into(), json!(acr));
    }
    if !session.amr.is_empty() {
        claims.insert("amr".into(), json!(session.amr));
    }
    claims
}

impl Core {
    /// Makes and signs an ID token.
    pub(crate) async fn make_id_token(
        &self,
        of: IdTokenFor<'_>,
        now: Timestamp,
    ) -> Result<String, OAuthError> {
        let session = of.session;
        let acr = if session.acr.is_empty() && of.acr_requested {
            "0"
        } else {
            &session.acr
        };
        let mut claims = user_claims(session, acr);
        claims.insert("iss".into(), json!(of.issuer));
        claims.insert("aud".into(), json!([of.client_id.as_str()]));
        claims.insert("iat".into(), json!(now.as_secs()));
        claims.insert("exp".into(), json!(of.expires_at.as_secs()));
        claims.insert("jti".into(), json!(self.entropy.uuid()));
        if let Some(sid) = &session.sid {
            claims.insert("sid".into(), json!(sid));
        }
        if session.auth_time.is_none() {
            claims.insert("auth_time".into(), json!(now.as_secs()));
        }
        if !session.nonce.is_empty() {
            claims.insert("nonce".into(), json!(session.nonce));
        }
        if let Some(token) = of.access_token {
            claims.insert("at_hash".into(), json!(crypto::left_half_hash(token)));
        }
        if !of.c_hash.is_empty() {
            claims.insert("c_hash".into(), json!(of.c_hash));
        }
        Ok(self.keys.sign(ID_TOKEN_KEYS, sorted_json(claims)).await?)
    }

    /// Reads an ID token that this server issued, expired ones included. The text says what is
    /// wrong with it.
    ///
    /// # Errors
    /// The outer: keys cannot be read; the inner: the token is not good.
    pub async fn read_id_token_hint(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Result<Map<String, Value>, String>, OAuthError> {
        let verified = match self.keys.verify(ID_TOKEN_KEYS, token).await? {
            Ok(verified) => verified,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let Value::Object(claims) = verified.claims else {
            return Ok(Err("the token's payload is no JSON object".into()));
        };
        let later = |name: &str| {
            claims
                .get(name)
                .and_then(Value::as_f64)
                .is_some_and(|at| at > now.as_secs() as f64)
        };
        if later("iat") {
            return Ok(Err("Token used before issued".into()));
        }
        if later("nbf") {
            return Ok(Err("Token is not valid yet".into()));
        }
        Ok(Ok(claims))
    }
}

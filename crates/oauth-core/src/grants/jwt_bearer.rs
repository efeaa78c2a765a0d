//! A token for an assertion of a trusted issuer (RFC 7523 §2.1 and §3).

use client_registry::Client;
use crypto::{UnverifiedJws, VerifyError};
use oauth_types::{Audiences, ErrorCode, OAuthError, Params, Scopes, Subject, Timestamp};
use serde_json::{Map, Value};

use super::{StandAlone, check_grant_type};
use crate::access_token::AccessFor;
use crate::client_assertion::{header_text, seconds, without_blanks};
use crate::matching::check_audiences;
use crate::policy::Occasion;
use crate::session::Session;
use crate::{Claimed, Core, IssuerRecord, TokenPolicy, TokenResponse};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// A token that an assertion buys, and the assertion's id, which has to be used up by
/// [`Core::use_up`] before the token is kept and handed out.
#[derive(Debug)]
pub struct Bought {
    /// The token.
    pub made: StandAlone,
    /// The id; `None` if it has none and need not have one.
    pub jti: Option<UsedId>,
}

/// The id of an assertion. It counts for its issuer alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedId {
    namespace: String,
    hash: String,
    expires_at: Timestamp,
}

fn refuse(hint: impl Into<String>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant).hint(hint.into())
}

fn must_contain(claim: &str) -> OAuthError {
    refuse(format!(
        "The JWT in 'assertion' request parameter MUST contain {claim} claim."
    ))
}

/// An assertion whose claims have the types that they must have; nothing of it is believed yet.
struct Assertion {
    token: String,
    kid: String,
    issuer: String,
    subject: Subject,
    audience: Vec<String>,
    jti: String,
    exp: Option<i64>,
    nbf: Option<i64>,
    iat: Option<i64>,
}

impl Assertion {
    fn read(form: &Params) -> Result<Self, OAuthError> {
        let token = without_blanks(form.text("assertion"));
        if token.is_empty() {
            return Err(OAuthError::new(ErrorCode::InvalidRequest).hint(format!(
                "The assertion request parameter must be set when using grant_type of '{GRANT}'."
            )));
        }
        let seen = match crypto::peek(&token) {
            Ok(seen) => seen,
            Err(VerifyError::Claims) if is_null(&token) => UnverifiedJws {
                header: Value::Null,
                claims: Value::Object(Map::new()),
            },
            Err(VerifyError::Claims) => return Err(no_claims()),
            Err(why) => return Err(no_jwt().debug(why.to_string())),
        };
        let kid = header_text(&seen.header, "kid").ok_or_else(no_jwt)?;
        header_text(&seen.header, "alg").ok_or_else(no_jwt)?;
        let Value::Object(claims) = seen.claims else {
            return Err(no_claims());
        };
        let (issuer, subject) = (text(&claims, "iss")?, text(&claims, "sub")?);
        let assertion = Self {
            token,
            kid,
            audience: audience(&claims)?,
            jti: text(&claims, "jti")?,
            exp: number(&claims, "exp")?,
            nbf: number(&claims, "nbf")?,
            iat: number(&claims, "iat")?,
            subject: Subject::new(&subject),
            issuer,
        };
        if assertion.issuer.is_empty() {
            return Err(must_contain("an 'iss' (issuer)"));
        }
        if subject.is_empty() {
            return Err(must_contain("a 'sub' (subject)"));
        }
        Ok(assertion)
    }

    /// Checks the claims that say for whom and when it is good, once its signature is known to be
    /// the issuer's.
    fn check(&self, policy: &TokenPolicy, now: Timestamp) -> Result<(), OAuthError> {
        let rules = &policy.jwt_grant;
        if self.audience.is_empty() {
            return Err(must_contain("an 'aud' (audience)"));
        }
        if !self.audience.contains(&policy.token_endpoint) {
            return Err(refuse(format!(
                "The JWT in 'assertion' request parameter MUST contain an 'aud' (audience) claim \
                 containing a value '{}' that identifies the authorization server as an intended \
                 audience.",
                policy.token_endpoint
            )));
        }
        let Some(exp) = self.exp.map(Timestamp::from_secs) else {
            return Err(must_contain("an 'exp' (expiration time)"));
        };
        if exp < now {
            return Err(refuse("The JWT in 'assertion' request parameter expired."));
        }
        if let Some(nbf) = self.nbf.map(Timestamp::from_secs).filter(|nbf| *nbf >= now) {
            return Err(refuse(format!(
                "The JWT in 'assertion' request parameter contains an 'nbf' (not before) claim, \
                 that identifies the time '{}' before which the token MUST NOT be accepted.",
                nbf.to_rfc3339()
            )));
        }
        if self.iat.is_none() && !rules.iat_optional {
            return Err(must_contain("an 'iat' (issued at)"));
        }
        let issued_at = self.iat.map_or(now, Timestamp::from_secs);
        if exp > issued_at.plus(rules.max_ttl) {
            return Err(refuse(format!(
                "The JWT in 'assertion' request parameter contains an 'exp' (expiration time) \
                 claim with value '{}' that is unreasonably far in the future, considering token \
                 issued at '{}'.",
                exp.to_rfc3339(),
                issued_at.floor_to_secs().to_rfc3339()
            )));
        }
        if self.jti.is_empty() && !rules.jti_optional {
            return Err(must_contain("an 'jti' (JWT ID)"));
        }
        Ok(())
    }

    fn no_key(&self) -> OAuthError {
        refuse(format!(
            "No public JWK was registered for issuer '{}' and subject '{}', and public key is \
             required to check signature of JWT in 'assertion' request parameter.",
            self.issuer,
            self.subject.as_str()
        ))
    }

    fn used_id(&self) -> Option<UsedId> {
        // It is good for the whole second in which it expires.
        let expires_at = self.exp.map_or(Timestamp::NEVER, |exp| {
            Timestamp::from_secs(exp.saturating_add(1))
        });
        (!self.jti.is_empty()).then(|| UsedId {
            namespace: format!("issuer:{}", self.issuer),
            hash: crypto::sha256_hex(self.jti.as_bytes()),
            expires_at,
        })
    }
}

impl Core {
    /// Makes a token for an assertion; nothing is written.
    ///
    /// # Errors
    /// What the client is told.
    pub async fn jwt_bearer(
        &self,
        client: &Client,
        form: &Params,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<Bought, OAuthError> {
        check_grant_type(client, GRANT)?;
        let assertion = Assertion::read(form)?;
        let trusted = self.trusted(&assertion, now).await?;
        assertion.check(policy, now)?;
        let mut scopes = Scopes::parse(form.text("scope"));
        let allowed: Scopes = trusted.scope.iter().cloned().collect();
        if let Some(scope) = policy.scopes.first_refused(&allowed, scopes.iter()) {
            return Err(OAuthError::new(ErrorCode::InvalidScope).hint(format!(
                "The public key registered for issuer '{}' and subject '{}' is not allowed to \
                 request scope '{scope}'.",
                assertion.issuer,
                assertion.subject.as_str()
            )));
        }
        // Hydra: a setting of the client credentials grant, obeyed here as well.
        if scopes.is_empty() && policy.default_grant_allowed_scope {
            scopes = client.scopes();
        }
        let asked = Audiences::parse(form.all("audience"));
        // Hydra: audiences that the client did not register are dropped without a word.
        let granted = asked.iter().filter(|one| {
            let alone: Audiences = [*one].into_iter().collect();
            check_audiences(client, &alone).is_ok()
        });
        let meant_for = assertion.audience.iter().map(String::as_str);
        let audiences: Audiences = meant_for.chain(granted).collect();
        let session = Session {
            subject: assertion.subject.to_string(),
            scope: scopes.to_vec(),
            audience: audiences.to_vec(),
            allowed_top_level_claims: policy.allowed_top_level_claims.clone(),
            ..Session::default()
        };
        let expires_at = policy.access_expiry(client, Occasion::JwtBearer, now);
        let of = AccessFor {
            client,
            session: &session,
            grant: None,
            expires_at,
        };
        let access = self.make_access(of, policy, now).await?;
        let made = StandAlone {
            record: access.record,
            response: TokenResponse {
                access_token: access.token,
                expires_in: expires_at.since(now).as_secs(),
                id_token: None,
                refresh_token: None,
                scope: scopes.join(),
            },
        };
        Ok(Bought {
            made,
            jti: assertion.used_id(),
        })
    }

    /// Uses up the id of an assertion.
    ///
    /// # Errors
    /// `jti_known` if it was used before.
    pub async fn use_up(&self, id: &UsedId, now: Timestamp) -> Result<(), OAuthError> {
        let (namespace, hash) = (id.namespace.as_str(), id.hash.as_str());
        match self
            .trust
            .claim_jti(namespace, hash, id.expires_at, now)
            .await?
        {
            Claimed::First => Ok(()),
            Claimed::Known => Err(ErrorCode::JtiKnown.into()),
        }
    }

    /// Finds who vouches for the assertion: a record for its issuer and subject whose key signed
    /// it.
    ///
    /// Hydra takes other issuers' and other subjects' keys in some cases, and those that are
    /// trusted no longer; here each key counts for whom and how long it was registered.
    async fn trusted(
        &self,
        assertion: &Assertion,
        now: Timestamp,
    ) -> Result<IssuerRecord, OAuthError> {
        let records = self
            .trust
            .issuers_for(&assertion.issuer, &assertion.subject, now)
            .await?;
        let named = |record: &IssuerRecord| assertion.kid.is_empty() || record.kid == assertion.kid;
        let mut outcome = assertion.no_key();
        for record in records.into_iter().filter(named) {
            let Some(key) = self.keys.stored_key(&record.issuer, &record.kid).await? else {
                continue;
            };
            match crypto::verify_jws(&assertion.token, &[key]) {
                Ok(_) => return Ok(record),
                Err(why) if !assertion.kid.is_empty() => {
                    outcome = refuse("Unable to verify the integrity of the 'assertion' value.")
                        .debug(why.to_string());
                }
                Err(_) => {}
            }
        }
        Err(outcome)
    }
}

fn no_jwt() -> OAuthError {
    refuse("Unable to parse JSON Web Token passed in 'assertion' request parameter.")
}

fn no_claims() -> OAuthError {
    refuse("Looks like there are no claims in JWT in 'assertion' request parameter.")
}

/// Hydra: a payload of `null` is one without claims.
fn is_null(token: &str) -> bool {
    token.split('.').nth(1) == Some("bnVsbA")
}

fn text(claims: &Map<String, Value>, name: &str) -> Result<String, OAuthError> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(no_claims()),
    }
}

fn number(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, OAuthError> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(_)) => Ok(seconds(claims, name)),
        Some(_) => Err(no_claims()),
    }
}

fn audience(claims: &Map<String, Value>) -> Result<Vec<String>, OAuthError> {
    match claims.get("aud") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(some)) => some
            .iter()
            .map(|one| one.as_str().map(str::to_owned).ok_or_else(no_claims))
            .collect(),
        Some(_) => Err(no_claims()),
    }
}

//! Issuing what was consented to: a code, tokens of the front channel, or both.

use crypto::TokenKind;
use oauth_types::{
    ConsentChallenge, ErrorCode, GrantId, OAuthError, Params, ResponseMode, Scopes, Subject,
    Timestamp, VerifierHash,
};
use serde_json::{Map, Value};

use super::request::MINIMUM_ENTROPY;
use super::{Login, ValidRequest};
use crate::access_token::{AccessFor, no_secret};
use crate::id_token::IdTokenFor;
use crate::policy::Occasion;
use crate::session::{CodeDetails, Session};
use crate::{
    AccessRecord, CodeRecord, Core, Generation, GrantRecord, NewAuthorization, TokenPolicy,
    redirect_uri,
};

/// What the user and the consent app agreed to.
#[derive(Clone, Debug)]
pub struct Consented {
    /// Names the grant.
    pub challenge: ConsentChallenge,
    /// Pays for it.
    pub verifier: VerifierHash,
    /// The real subject.
    pub subject: Subject,
    /// The login, with the subject as the client sees it.
    pub login: Login,
    /// Granted scopes.
    pub scope: Vec<String>,
    /// Granted audiences.
    pub audience: Vec<String>,
    /// Custom claims of access tokens.
    pub access_token_claims: Map<String, Value>,
    /// Custom claims of ID tokens.
    pub id_token_claims: Map<String, Value>,
    /// The login session; empty if it has ended.
    pub sid: String,
    /// How strongly the user was authenticated.
    pub acr: String,
    /// By which means.
    pub amr: Vec<String>,
}

/// What is to be kept and what the client is told once it is kept.
#[derive(Debug)]
pub struct Issued {
    /// For `GrantStore::authorize`.
    pub new: NewAuthorization,
    /// For the answer.
    pub params: Params,
}

/// What a request asks for, in the form that counts: the words in any letter case, but a lone word
/// exactly.
struct Wanted {
    code: bool,
    token: bool,
    id_token: bool,
}

impl Wanted {
    fn of(request: &ValidRequest) -> Option<Self> {
        let types = &request.response_types;
        let single = types.iter().count() == 1;
        let has = |word| {
            if single {
                types.is_exactly(word)
            } else {
                types.has(word)
            }
        };
        let wanted = Self {
            code: has("code"),
            token: has("token"),
            id_token: has("id_token"),
        };
        (wanted.code || wanted.token || wanted.id_token).then_some(wanted)
    }

    fn only_code(&self) -> bool {
        self.code && !self.token && !self.id_token
    }
}

impl Core {
    /// Makes everything that the request asks for and the consent allows; nothing is written.
    ///
    /// # Errors
    /// What the client is told; the consent verifier has to be used up all the same.
    pub async fn issue(
        &self,
        request: &ValidRequest,
        consented: &Consented,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<Issued, OAuthError> {
        let wanted =
            Wanted::of(request).ok_or(OAuthError::new(ErrorCode::UnsupportedResponseType))?;
        let scopes: Scopes = consented.scope.iter().cloned().collect();
        let openid = scopes.has("openid");
        self.check_issue(request, consented, &wanted, openid, policy, now)
            .await?;

        let session = session_of(request, consented, &scopes, policy);
        let grant_id = GrantId::new(consented.challenge.as_str());
        let client = &request.client;
        let mut params = Params::default();
        let mut access: Option<AccessRecord> = None;
        let mut access_token = None;
        if wanted.token {
            let expires_at = policy.access_expiry(client, Occasion::FrontChannel, now);
            let of = AccessFor {
                client,
                session: &session,
                grant: Some((grant_id.clone(), Generation::FIRST)),
                expires_at,
            };
            let made = self.make_access(of, policy, now).await?;
            params.add("access_token", made.token.expose());
            params.add("expires_in", expires_at.since(now).as_secs().to_string());
            params.add("token_type", "bearer");
            access_token = Some(made.token);
            access = Some(made.record);
        }
        let mut code = None;
        let mut c_hash = String::new();
        if wanted.code {
            let minted = self
                .secrets
                .mint(TokenKind::AuthorizationCode, &*self.entropy)
                .map_err(no_secret)?;
            if wanted.id_token || wanted.token {
                c_hash = crypto::left_half_hash(minted.token.expose());
            }
            params.add("code", minted.token.expose());
            let details = code_details(request, &session, &c_hash, access.as_ref());
            code = Some(CodeRecord {
                signature: minted.signature.as_str().into(),
                grant_id: grant_id.clone(),
                client_id: client.id.clone(),
                used: false,
                pkce_spent: false,
                issued_at: now,
                expires_at: now.plus(policy.lifespans.auth_code),
                payload: self.vault().close(&details)?,
            });
        }
        if wanted.id_token && openid {
            let token = self
                .make_id_token(
                    IdTokenFor {
                        client_id: &client.id,
                        session: &session,
                        issuer: &policy.issuer,
                        expires_at: policy.id_expiry(client, Occasion::FrontChannel, now),
                        access_token: access_token.as_ref().map(oauth_types::Secret::expose),
                        c_hash: if wanted.code { &c_hash } else { "" },
                        acr_requested: !request.params.text("acr_values").is_empty(),
                    },
                    now,
                )
                .await?;
            params.add("id_token", token);
        }
        if wanted.only_code() || wanted.token {
            params.add("scope", scopes.join());
        }
        params.add("state", request.reply_to.state.as_str());
        if request.mode == ResponseMode::Query && !wanted.only_code() {
            let types: Vec<&str> = request.response_types.iter().collect();
            return Err(
                OAuthError::new(ErrorCode::UnsupportedResponseMode).hint(format!(
                    "Insecure response_mode 'query' for the response_type '[{}]'.",
                    types.join(" ")
                )),
            );
        }
        let ends = [
            code.as_ref().map(|c| c.expires_at),
            access.as_ref().map(|a| a.expires_at),
        ];
        let grant = GrantRecord {
            id: grant_id,
            client_id: client.id.clone(),
            subject: consented.subject.clone(),
            created_at: now,
            expires_at: ends.into_iter().flatten().max().unwrap_or(now),
        };
        let new = NewAuthorization {
            verifier: consented.verifier.clone(),
            grant,
            code,
            access,
        };
        Ok(Issued { new, params })
    }

    async fn check_issue(
        &self,
        request: &ValidRequest,
        consented: &Consented,
        wanted: &Wanted,
        openid: bool,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<(), OAuthError> {
        let client = &request.client;
        let prompt = request.prompt_check();
        let nonce = request.params.text("nonce");
        let may = |grant: &str, article: &str| {
            if client.has_grant_type(grant) {
                return Ok(());
            }
            Err(OAuthError::new(ErrorCode::InvalidGrant).hint(format!(
                "The OAuth 2.0 Client is not allowed to use {article}authorization grant '{grant}'."
            )))
        };
        if wanted.only_code() {
            if !policy.dev && !redirect_uri::is_secure(&request.reply_to.redirect_uri) {
                return Err(OAuthError::new(ErrorCode::InvalidRequest).hint(
                    "Redirect URL is using an insecure protocol, http is only allowed for hosts \
                     with suffix 'localhost', for example: http://myapp.localhost/.",
                ));
            }
            if openid {
                self.check_prompt(&prompt, &consented.login, policy, now)
                    .await?;
            }
            return check_pkce_challenge(request, policy);
        }
        if !wanted.code {
            if wanted.id_token && !openid {
                return Err(ErrorCode::UnsupportedResponseType.into());
            }
            may("implicit", "the ")?;
            if wanted.id_token {
                check_nonce(nonce, "using the OpenID Connect Implicit Flow")?;
                self.check_prompt(&prompt, &consented.login, policy, now)
                    .await?;
            }
            return Ok(());
        }
        if wanted.id_token || !nonce.is_empty() {
            check_nonce(
                nonce,
                "requesting an ID Token using the OpenID Connect Hybrid Flow",
            )?;
        }
        self.check_prompt(&prompt, &consented.login, policy, now)
            .await?;
        may("authorization_code", "")?;
        if wanted.token {
            may("implicit", "the ")?;
        }
        check_pkce_challenge(request, policy)
    }
}

fn code_details(
    request: &ValidRequest,
    session: &Session,
    c_hash: &str,
    access: Option<&AccessRecord>,
) -> CodeDetails {
    let text = |name: &str| request.params.text(name).to_owned();
    CodeDetails {
        session: session.clone(),
        redirect_uri: text("redirect_uri"),
        code_challenge: text("code_challenge"),
        code_challenge_method: text("code_challenge_method"),
        c_hash: c_hash.to_owned(),
        access_expires_at: access.map(|a| a.expires_at.as_micros()),
        max_age: text("max_age"),
        prompt: text("prompt"),
        id_token_hint: text("id_token_hint"),
        acr_requested: !request.params.text("acr_values").is_empty(),
    }
}

fn session_of(
    request: &ValidRequest,
    consented: &Consented,
    scopes: &Scopes,
    policy: &TokenPolicy,
) -> Session {
    let audience: oauth_types::Audiences = consented.audience.iter().cloned().collect();
    Session {
        subject: consented.subject.to_string(),
        client_subject: consented.login.client_subject.clone(),
        scope: scopes.to_vec(),
        audience: audience.to_vec(),
        extra: consented.access_token_claims.clone(),
        id_claims: consented.id_token_claims.clone(),
        sid: Some(consented.sid.clone()),
        nonce: request.params.text("nonce").to_owned(),
        auth_time: consented.login.authenticated_at.map(Timestamp::as_secs),
        rat: Some(consented.login.requested_at.as_secs()),
        acr: consented.acr.clone(),
        amr: consented.amr.clone(),
        allowed_top_level_claims: policy.allowed_top_level_claims.clone(),
        exclude_not_before: policy.exclude_not_before,
    }
}

fn check_nonce(nonce: &str, when: &str) -> Result<(), OAuthError> {
    if nonce.is_empty() {
        return Err(OAuthError::new(ErrorCode::InvalidRequest)
            .hint(format!("Parameter 'nonce' must be set when {when}.")));
    }
    check_nonce_entropy(nonce)
}

/// Refuses a nonce that is too short to be random.
pub(crate) fn check_nonce_entropy(nonce: &str) -> Result<(), OAuthError> {
    if nonce.is_empty() || nonce.len() >= MINIMUM_ENTROPY {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::InsufficientEntropy)
        .hint("Parameter 'nonce' is set but does not satisfy the minimum entropy of 8 characters."))
}

/// Refuses a request whose PKCE parameters could not be redeemed (RFC 7636 §4.4.1).
///
/// Hydra: `plain` is refused although discovery lists it.
fn check_pkce_challenge(request: &ValidRequest, policy: &TokenPolicy) -> Result<(), OAuthError> {
    let method = request.params.text("code_challenge_method");
    if request.params.text("code_challenge").is_empty() {
        return pkce_missing(&request.client, policy);
    }
    let invalid = OAuthError::new(ErrorCode::InvalidRequest);
    match method {
        "S256" => Ok(()),
        "" | "plain" => Err(invalid
            .hint("Clients must use code_challenge_method=S256, plain is not allowed.")
            .debug(
                "The server is configured in a way that enforces PKCE S256 as challenge method \
                 for clients.",
            )),
        _ => Err(invalid.hint("The code_challenge_method is not supported, use S256 instead.")),
    }
}

/// Refuses a code without challenge where PKCE is demanded.
pub(crate) fn pkce_missing(
    client: &client_registry::Client,
    policy: &TokenPolicy,
) -> Result<(), OAuthError> {
    let refuse =
        |who: &str, whom: &str| {
            Err(OAuthError::new(ErrorCode::InvalidRequest)
            .hint(format!(
                "{who} must include a code_challenge when performing the authorize code flow, but \
                 it is missing."
            ))
            .debug(format!("The server is configured in a way that enforces PKCE for {whom}.")))
        };
    if policy.pkce.enforced {
        return refuse("Clients", "clients");
    }
    if policy.pkce.enforced_for_public_clients && client.is_public() {
        return refuse("This client", "this client");
    }
    Ok(())
}

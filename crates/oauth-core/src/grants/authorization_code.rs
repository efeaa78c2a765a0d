//! Redeeming an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.6).

use client_registry::Client;
use crypto::TokenKind;
use oauth_types::{
    CodeSignature, ErrorCode, OAuthError, Params, Prompts, Scopes, Secret, StoreError, Timestamp,
};

use super::{check_grant_type, check_unchanged};
use crate::access_token::AccessFor;
use crate::authorize::{Login, PromptCheck, check_nonce_entropy, pkce_missing};
use crate::id_token::IdTokenFor;
use crate::policy::Occasion;
use crate::session::CodeDetails;
use crate::{
    CodeRecord, Core, FoundCode, NewTokens, Redeemed, RefreshRecord, TokenPolicy, TokenResponse,
};

/// How often a code is looked up anew because tokens of its grant were revoked meanwhile. Each time
/// takes a front-channel token that lived a moment before, so a few are plenty.
const ATTEMPTS: u32 = 5;

impl Core {
    /// Redeems a code for a client that proved who it is. Everything is made before anything is
    /// written, so that a failure leaves the code good.
    ///
    /// # Errors
    /// What the client is told; that the server is busy if tokens of the grant are being revoked
    /// all the time.
    pub async fn redeem_code(
        &self,
        client: &Client,
        form: &Params,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<TokenResponse, OAuthError> {
        check_grant_type(client, "authorization_code")?;
        let code = Secret::new(form.text("code"));
        for _ in 0..ATTEMPTS {
            let found = self.find_code(&code, client).await?;
            let details = self
                .check_code(&found.record, client, form, policy, now)
                .await?;
            let given = self
                .hand_out(client, &code, &found, &details, policy, now)
                .await?;
            if let Some(tokens) = given {
                return Ok(tokens);
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Whether a code may be redeemed in this way, and what it stands for.
    async fn check_code(
        &self,
        record: &CodeRecord,
        client: &Client,
        form: &Params,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<CodeDetails, OAuthError> {
        if record.expires_at < now {
            return Err(OAuthError::new(ErrorCode::InvalidGrant).debug(format!(
                "Authorize code expired at '{}'.",
                record.expires_at.to_text()
            )));
        }
        if record.client_id != client.id {
            return Err(other_client());
        }
        let details: CodeDetails = self.vault().open(
            &record.payload,
            "authorization code",
            record.signature.as_str(),
        )?;
        if !details.redirect_uri.is_empty() && details.redirect_uri != form.text("redirect_uri") {
            return Err(OAuthError::new(ErrorCode::InvalidGrant).hint(
                "The 'redirect_uri' from this request does not match the one from the authorize \
                 request.",
            ));
        }
        self.check_pkce(record, &details, form, client, policy)
            .await?;
        Ok(details)
    }

    /// Finds a code that was not redeemed. The MAC is checked before the database is asked, and the
    /// client before a replay ends the grant, so that only the code's own client can end it.
    async fn find_code(&self, code: &Secret, client: &Client) -> Result<FoundCode, OAuthError> {
        let unknown = |why: &str| OAuthError::new(ErrorCode::InvalidGrant).debug(why);
        self.secrets
            .check(TokenKind::AuthorizationCode, code.expose())
            .map_err(|fault| unknown(&fault.to_string()))?;
        let signature = crypto::signature_part(code.expose()).unwrap_or_default();
        let found = self
            .grants
            .code(&CodeSignature::new(signature))
            .await?
            .ok_or_else(|| unknown("not_found"))?;
        check_unchanged(client, &found.record.record.client_id, found.client_version)?;
        let found = found.record;
        if found.record.used {
            if found.record.client_id != client.id {
                return Err(other_client());
            }
            return Err(self.punish_replay(&found.record).await);
        }
        Ok(found)
    }

    async fn punish_replay(&self, code: &CodeRecord) -> OAuthError {
        let mut hint = "The authorization code has already been used.".to_owned();
        if let Err(error) = self.grants.end_grant(&code.grant_id).await {
            tracing::error!(grant.id = %code.grant_id, %error, "tokens of a replayed code live on");
            hint.push_str(
                " Additionally, an error occurred during processing the access token revocation. \
                 Additionally, an error occurred during processing the refresh token revocation.",
            );
        }
        OAuthError::new(ErrorCode::InvalidGrant).hint(hint)
    }

    /// Hydra: one wrong verifier makes the code useless.
    async fn check_pkce(
        &self,
        code: &CodeRecord,
        details: &CodeDetails,
        form: &Params,
        client: &Client,
        policy: &TokenPolicy,
    ) -> Result<(), OAuthError> {
        if code.pkce_spent {
            return Err(OAuthError::new(ErrorCode::InvalidGrant)
                .hint("Unable to find initial PKCE data tied to this request"));
        }
        let verifier = form.text("code_verifier");
        let outcome = if details.code_challenge.is_empty() && verifier.is_empty() {
            pkce_missing(client, policy)
        } else {
            verify_pkce(verifier, &details.code_challenge)
        };
        if outcome.is_err() {
            self.grants.spend_pkce(&code.signature).await?;
        }
        outcome
    }

    /// Makes the tokens and redeems the code; `None` if tokens of its grant were revoked meanwhile,
    /// which spends nothing.
    async fn hand_out(
        &self,
        client: &Client,
        code: &Secret,
        found: &FoundCode,
        details: &CodeDetails,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<Option<TokenResponse>, OAuthError> {
        let record = &found.record;
        let session = &details.session;
        let scopes: Scopes = session.scope.iter().cloned().collect();
        let grant = (record.grant_id.clone(), found.generation);
        // Hydra: a code that came with an access token buys one that ends with that.
        let expires_at = match details.access_expires_at {
            Some(at) => Timestamp::from_micros(at),
            None => policy.access_expiry(client, Occasion::AuthorizationCode, now),
        };
        let of = AccessFor {
            client,
            session,
            grant: Some(grant.clone()),
            expires_at,
        };
        let access = self.make_access(of, policy, now).await?;
        let refresh = if scopes.has_offline() && client.has_grant_type("refresh_token") {
            let ends = policy.refresh_expiry(client, Occasion::AuthorizationCode, now);
            Some(self.make_refresh(client, session, grant, ends, now)?)
        } else {
            None
        };
        // Hydra: the ID token belongs to the code as it was handed out, prefix included.
        let prefixed = code
            .expose()
            .starts_with(TokenKind::AuthorizationCode.prefix());
        let id_token = if scopes.has("openid") && prefixed {
            self.check_late(client, details, record, now).await?;
            let of = IdTokenFor {
                client_id: &client.id,
                session,
                issuer: &policy.issuer,
                expires_at: policy.id_expiry(client, Occasion::AuthorizationCode, now),
                access_token: Some(access.token.expose()),
                c_hash: &details.c_hash,
                acr_requested: details.acr_requested,
            };
            Some(self.make_id_token(of, now).await?)
        } else {
            None
        };
        let (refresh_token, refresh) = refresh.unzip();
        let ends = refresh
            .as_ref()
            .map_or(expires_at, |r: &RefreshRecord| r.expires_at);
        let bought = NewTokens {
            access: access.record,
            refresh,
            grant_expires_at: ends.max(expires_at).max(record.expires_at),
        };
        match self.grants.redeem_code(&record.signature, bought).await? {
            Redeemed::First => {}
            Redeemed::Changed => return Ok(None),
            Redeemed::Again => return Err(self.punish_replay(record).await),
            Redeemed::Unknown => {
                return Err(OAuthError::new(ErrorCode::InvalidGrant).debug("not_found"));
            }
        }
        Ok(Some(TokenResponse {
            access_token: access.token,
            expires_in: expires_at.since(now).as_secs(),
            id_token,
            refresh_token,
            scope: scopes.join(),
        }))
    }

    /// What the plain code flow checks only now that an ID token is made.
    async fn check_late(
        &self,
        client: &Client,
        details: &CodeDetails,
        record: &CodeRecord,
        now: Timestamp,
    ) -> Result<(), OAuthError> {
        let session = &details.session;
        check_nonce_entropy(&session.nonce)?;
        let asked = PromptCheck {
            client,
            redirect_uri: &details.redirect_uri,
            prompts: Prompts::parse(&details.prompt),
            max_age: &details.max_age,
            id_token_hint: &details.id_token_hint,
        };
        let login = Login {
            client_subject: session.client_subject.clone(),
            authenticated_at: session.auth_time.map(Timestamp::from_secs),
            requested_at: session.rat.map_or(record.issued_at, Timestamp::from_secs),
        };
        // The authorization endpoint found it right; if it is no longer, that is nobody's fault but
        // ours.
        self.check_login(&asked, &login, now)
            .await
            .map_err(|error| OAuthError::new(ErrorCode::ServerError).debug(error.description(true)))
    }
}

fn other_client() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant).hint(
        "The OAuth 2.0 Client ID from this request does not match the one from the authorize \
         request.",
    )
}

/// Checks a verifier against an S256 challenge (RFC 7636 §4.6).
fn verify_pkce(verifier: &str, challenge: &str) -> Result<(), OAuthError> {
    let refuse = |hint: &'static str| Err(OAuthError::new(ErrorCode::InvalidGrant).hint(hint));
    if verifier.len() < 43 {
        return refuse("The PKCE code verifier must be at least 43 characters.");
    }
    if verifier.len() > 128 {
        return refuse("The PKCE code verifier can not be longer than 128 characters.");
    }
    if !verifier
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
    {
        return refuse(
            "The PKCE code verifier must only contain [a-Z], [0-9], '-', '.', '_', '~'.",
        );
    }
    let made = crypto::sha256_base64url(verifier.as_bytes());
    if !crypto::constant_time_eq(made.as_bytes(), challenge.as_bytes()) {
        return refuse("The PKCE code challenge did not match the code verifier.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifiers_are_checked_as_rfc_7636_says() {
        let good = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        for (verifier, complaint) in [
            (good.to_owned(), ""),
            ("a".repeat(42), "at least 43"),
            ("a".repeat(129), "longer than 128"),
            (format!("{}!", &good[..42]), "must only contain"),
            ("a".repeat(43), "did not match"),
            (String::new(), "at least 43"),
        ] {
            let outcome = verify_pkce(&verifier, challenge);
            let said = outcome
                .err()
                .map(|e| e.description(false))
                .unwrap_or_default();
            assert_eq!(said.is_empty(), complaint.is_empty(), "{verifier}");
            assert!(said.contains(complaint), "{said}");
        }
    }
}

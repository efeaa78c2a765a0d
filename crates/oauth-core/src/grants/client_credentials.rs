//! A client on its own behalf (RFC 6749 §4.4).

use client_registry::Client;
use oauth_types::{Audiences, ErrorCode, OAuthError, Params, Scopes, Timestamp};

use super::check_grant_type;
use crate::access_token::AccessFor;
use crate::matching::{check_audiences, check_scopes};
use crate::policy::Occasion;
use crate::session::Session;
use crate::{AccessRecord, Core, TokenPolicy, TokenResponse};

/// A token that belongs to no grant, to be kept by `GrantStore::put_access` if its client is
/// unchanged, and only then handed out.
#[derive(Debug)]
pub struct StandAlone {
    /// To be kept.
    pub record: AccessRecord,
    /// To be handed out.
    pub response: TokenResponse,
}

impl Core {
    /// Makes a token for a client that proved who it is; nothing is written.
    ///
    /// # Errors
    /// What the client is told.
    pub async fn client_credentials(
        &self,
        client: &Client,
        form: &Params,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<StandAlone, OAuthError> {
        let mut scopes = Scopes::parse(form.text("scope"));
        check_scopes(policy.scopes, client, &scopes)?;
        let audiences = Audiences::parse(form.all("audience"));
        check_audiences(client, &audiences)?;
        if client.is_public() {
            return Err(OAuthError::new(ErrorCode::InvalidGrant).hint(
                "The OAuth 2.0 Client is marked as public and is thus not allowed to use \
                 authorization grant 'client_credentials'.",
            ));
        }
        check_grant_type(client, "client_credentials")?;
        if scopes.is_empty() && policy.default_grant_allowed_scope {
            scopes = client.scopes();
        }
        let session = Session {
            subject: client.id.to_string(),
            scope: scopes.to_vec(),
            audience: audiences.to_vec(),
            allowed_top_level_claims: policy.allowed_top_level_claims.clone(),
            exclude_not_before: policy.exclude_not_before,
            ..Session::default()
        };
        let expires_at = policy.access_expiry(client, Occasion::ClientCredentials, now);
        let of = AccessFor {
            client,
            session: &session,
            grant: None,
            expires_at,
        };
        let made = self.make_access(of, policy, now).await?;
        // Hydra: the lifetime is counted from a moment later, so the last second is never whole.
        let expires_in = (expires_at.since(now).as_nanos() - 1).div_euclid(1_000_000_000);
        Ok(StandAlone {
            record: made.record,
            response: TokenResponse {
                access_token: made.token,
                expires_in,
                id_token: None,
                refresh_token: None,
                scope: scopes.join(),
            },
        })
    }
}

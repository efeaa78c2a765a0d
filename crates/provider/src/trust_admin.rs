//! Trusted issuers of assertions, on the admin side.

use oauth_core::{IssuerRecord, NewIssuer};
use oauth_types::{ErrorCode, OAuthError, Page, Paged, Timestamp};

use crate::Provider;
use crate::keys_admin::parsed;

/// An issuer that an administrator wants to be trusted; empty texts are not given.
#[derive(Clone, Debug, Default)]
pub struct TrustRequest {
    /// The `iss` of its assertions.
    pub issuer: String,
    /// The subject it may vouch for.
    pub subject: String,
    /// Whether it may vouch for any subject instead.
    pub allow_any_subject: bool,
    /// The scopes it may ask for.
    pub scope: Vec<String>,
    /// Its key, the text of a JSON Web Key; not looked at if the issuer has a key of that id.
    pub jwk: Option<String>,
    /// Until when it is trusted.
    pub expires_at: Option<Timestamp>,
}

impl Provider {
    /// Trusts an issuer from now on.
    ///
    /// # Errors
    /// 400 for a key that is none; then 400 for the first thing that is missing; 409 if issuer,
    /// subject and key id are trusted already.
    pub async fn trust_issuer(&self, wanted: TrustRequest) -> Result<IssuerRecord, OAuthError> {
        let mut keys = parsed(wanted.jwk.into_iter().collect()).await?;
        let new = NewIssuer {
            issuer: wanted.issuer,
            subject: wanted.subject,
            allow_any_subject: wanted.allow_any_subject,
            scope: wanted.scope,
            jwk: keys.pop(),
            expires_at: wanted.expires_at,
        };
        Ok(self.core.trust_issuer(new, self.now()).await?)
    }

    /// A trusted issuer.
    ///
    /// # Errors
    /// 404 if there is none of that id.
    pub async fn trusted_issuer(&self, id: &str) -> Result<IssuerRecord, OAuthError> {
        let found = self.core.trusted_issuer(id).await?;
        found.ok_or_else(|| ErrorCode::RowNotFound.into())
    }

    /// One page of trusted issuers, perhaps those of one name; the total counts all.
    ///
    /// # Errors
    /// If the storage fails.
    pub async fn trusted_issuers(
        &self,
        issuer: Option<&str>,
        page: Page,
    ) -> Result<Paged<IssuerRecord>, OAuthError> {
        Ok(self.core.trusted_issuers(issuer, page).await?)
    }

    /// Trusts an issuer no more. Its key goes with the last record that refers to it; tokens that
    /// it brought stay good.
    ///
    /// # Errors
    /// 404 if there is none of that id.
    pub async fn distrust_issuer(&self, id: &str) -> Result<(), OAuthError> {
        if self.core.distrust_issuer(id).await? {
            Ok(())
        } else {
            Err(ErrorCode::RowNotFound.into())
        }
    }
}

//! Introspection and deletion of tokens, on the admin side.

use oauth_core::Introspection;
use oauth_types::{ClientId, ErrorCode, FormBody, OAuthError};

use crate::Provider;
use crate::token::form_params;

impl Provider {
    /// The introspection endpoint (RFC 7662).
    ///
    /// # Errors
    /// `invalid_request` if there is no form.
    pub async fn introspect(&self, form: &FormBody) -> Result<Introspection, OAuthError> {
        let params = form_params(form)?;
        let policy = self.policy();
        Ok(self
            .core
            .introspect(params, &policy.tokens, self.now())
            .await)
    }

    /// Removes all access tokens of a client; refresh tokens stay. An unknown client has none.
    ///
    /// # Errors
    /// `invalid_request` if no client is named.
    pub async fn delete_tokens(&self, client_id: &str) -> Result<(), OAuthError> {
        if client_id.is_empty() {
            return Err(OAuthError::new(ErrorCode::InvalidRequest)
                .hint("Query parameter 'client_id' is not defined but it should have been."));
        }
        Ok(self
            .stores
            .grants
            .remove_access_of(&ClientId::new(client_id))
            .await?)
    }
}

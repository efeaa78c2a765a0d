//! Whose page is calling: clients may name origins of their own.

use client_registry::Client;
use oauth_core::{Introspection, basic};
use oauth_types::{ClientId, Params};

use crate::{BearerRequest, Provider};

impl Provider {
    /// Whether the client that a request names admits a page of an origin. It is named by the user
    /// of the Basic credentials or, without those, by a good token.
    ///
    /// Hydra: credentials are not verified here, since the answer tells a page no more than the page
    /// could ask without a browser; the endpoint itself judges them. A form names no client.
    pub async fn caller_admits_origin(&self, request: &BearerRequest<'_>, origin: &str) -> bool {
        let Some(id) = self.named_client(request).await else {
            return false;
        };
        let admits = |client: &Client| client.admits_origin(origin);
        match self.clients.perhaps_stale(&id).await {
            Ok(Some(client)) if admits(&client) => true,
            // A no is given only by the client as it is now.
            Ok(Some(_)) => matches!(self.clients.fresh(&id).await, Ok(Some(c)) if admits(&c)),
            Ok(None) => false,
            Err(error) => {
                tracing::error!(%error, "the origins of a client cannot be read");
                false
            }
        }
    }

    async fn named_client(&self, request: &BearerRequest<'_>) -> Option<ClientId> {
        if let Some((user, _)) = basic(request.authorization.as_deref()) {
            return Some(ClientId::new(&user));
        }
        let token = request.token();
        if token.is_empty() {
            return None;
        }
        let form: Params = [("token", token.as_str())].into_iter().collect();
        let policy = self.policy();
        match self
            .core
            .introspect(&form, &policy.tokens, self.now())
            .await
        {
            Introspection::Active(token) => Some(ClientId::new(&token.client_id)),
            Introspection::Inactive => None,
        }
    }
}

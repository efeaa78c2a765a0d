//! Ending tokens at their client's wish (RFC 7009).

use oauth_types::{ClientId, Params, RefreshSignature, StoreResult};

use crate::Core;

impl Core {
    /// Ends all tokens of the family of a token if it is the client's. A token that is unknown, dead
    /// or another client's changes nothing and is no error.
    ///
    /// Hydra: a code of the family that was not redeemed stays good, so a token of the front channel
    /// can be given up before it.
    ///
    /// Hydra: the token is found by its signature; neither MAC nor expiry matter.
    ///
    /// # Errors
    /// Only those of the back end; then nothing changed.
    pub async fn revoke(&self, client: &ClientId, form: &Params) -> StoreResult<()> {
        let token = form.text("token");
        if form.text("token_type_hint") == "access_token" {
            if !self.revoke_access(client, token).await? {
                self.revoke_refresh(client, token).await?;
            }
        } else if !self.revoke_refresh(client, token).await? {
            self.revoke_access(client, token).await?;
        }
        Ok(())
    }

    /// Whether there was such a refresh token.
    async fn revoke_refresh(&self, client: &ClientId, token: &str) -> StoreResult<bool> {
        let Some(signature) = crypto::signature_part(token) else {
            return Ok(false);
        };
        let Some(found) = self
            .grants
            .refresh(&RefreshSignature::new(signature))
            .await?
        else {
            return Ok(false);
        };
        let found = found.record;
        if found.live && found.record.client_id == *client {
            self.grants.end_tokens(&found.record.grant_id).await?;
        }
        Ok(true)
    }

    /// Whether there was such an access token.
    async fn revoke_access(&self, client: &ClientId, token: &str) -> StoreResult<bool> {
        let Some(record) = self.stored_access(token).await? else {
            return Ok(false);
        };
        if record.client_id == *client {
            match &record.grant_id {
                Some(grant) => self.grants.end_tokens(grant).await?,
                None => self.grants.remove_access(&record.signature).await?,
            }
        }
        Ok(true)
    }
}

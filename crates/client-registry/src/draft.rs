use oauth_types::Secret;

use crate::Client;

/// What a caller wants a client to be: read from a body, not yet validated, and without anything
/// that the server alone decides.
#[derive(Clone, Debug)]
pub struct ClientDraft {
    /// The `client_id` of the body; empty: none.
    pub chosen_id: String,
    /// The secret that the caller chose; empty: none.
    pub secret: Secret,
    /// All other members. Its id, row id, version, stored secret, registration signature and times
    /// mean nothing; the provider sets them.
    pub client: Client,
}

impl ClientDraft {
    /// Gives the draft the place of a stored client: what the caller cannot set comes from there.
    #[must_use]
    pub fn in_place_of(self, stored: &Client) -> Client {
        Client {
            id: stored.id.clone(),
            row_id: stored.row_id.clone(),
            version: stored.version,
            secret: stored.secret.clone(),
            registration_signature: stored.registration_signature.clone(),
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            ..self.client
        }
    }
}

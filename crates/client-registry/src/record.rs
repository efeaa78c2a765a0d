//! Clients as rows and back. The payload's form is this crate's alone: members that are missing
//! have their default, unknown ones are passed over, so that replicas of two releases can share a
//! database.

use oauth_types::{Duration, StoreError, StoreResult};
use serde::{Deserialize, Serialize};

use crate::{Client, ClientKeys, ClientRecord, Lifespans};

impl Client {
    /// The row that keeps this client. Keys that were not given are stored as the empty set.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if the client cannot be written, which does not happen.
    pub fn to_record(&self) -> StoreResult<ClientRecord> {
        let payload = serde_json::to_vec(&Payload::from(self)).map_err(|_| corrupt(self))?;
        Ok(ClientRecord {
            id: self.id.clone(),
            row_id: self.row_id.clone(),
            version: self.version,
            name: self.name.clone(),
            owner: self.owner.clone(),
            secret: self.secret.clone(),
            registration_signature: self.registration_signature.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            payload,
        })
    }

    /// The client that a row keeps.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if the payload cannot be read.
    pub fn from_record(record: &ClientRecord) -> StoreResult<Self> {
        let mut client = Self::new(record.id.clone());
        client.row_id.clone_from(&record.row_id);
        client.version = record.version;
        client.name.clone_from(&record.name);
        client.owner.clone_from(&record.owner);
        client.secret = record.secret.clone();
        client
            .registration_signature
            .clone_from(&record.registration_signature);
        client.created_at = record.created_at;
        client.updated_at = record.updated_at;
        let payload: Payload =
            serde_json::from_slice(&record.payload).map_err(|_| corrupt(&client))?;
        payload.fill(client)
    }
}

fn corrupt(client: &Client) -> StoreError {
    StoreError::Corrupt {
        what: "client",
        key: client.id.to_string(),
    }
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Payload {
    scope: String,
    redirect_uris: Vec<String>,
    grant_types: Vec<String>,
    response_types: Vec<String>,
    audience: Vec<String>,
    allowed_cors_origins: Vec<String>,
    contacts: Vec<String>,
    request_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    client_uri: String,
    logo_uri: String,
    policy_uri: String,
    tos_uri: String,
    subject_type: String,
    sector_identifier_uri: String,
    jwks: String,
    jwks_uri: String,
    token_endpoint_auth_method: String,
    token_endpoint_auth_signing_alg: String,
    request_object_signing_alg: String,
    userinfo_signed_response_alg: String,
    frontchannel_logout_uri: String,
    frontchannel_logout_session_required: bool,
    backchannel_logout_uri: String,
    backchannel_logout_session_required: bool,
    metadata: String,
    lifespans: StoredLifespans,
}

/// Nanoseconds.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct StoredLifespans {
    authorization_code_grant_access_token: Option<i64>,
    authorization_code_grant_id_token: Option<i64>,
    authorization_code_grant_refresh_token: Option<i64>,
    client_credentials_grant_access_token: Option<i64>,
    implicit_grant_access_token: Option<i64>,
    implicit_grant_id_token: Option<i64>,
    jwt_bearer_grant_access_token: Option<i64>,
    refresh_token_grant_id_token: Option<i64>,
    refresh_token_grant_access_token: Option<i64>,
    refresh_token_grant_refresh_token: Option<i64>,
}

impl From<&Client> for Payload {
    fn from(c: &Client) -> Self {
        Self {
            scope: c.scope.clone(),
            redirect_uris: c.redirect_uris.clone(),
            grant_types: c.grant_types.clone(),
            response_types: c.response_types.clone(),
            audience: c.audience.clone(),
            allowed_cors_origins: c.allowed_cors_origins.clone(),
            contacts: c.contacts.clone(),
            request_uris: c.request_uris.clone(),
            post_logout_redirect_uris: c.post_logout_redirect_uris.clone(),
            client_uri: c.client_uri.clone(),
            logo_uri: c.logo_uri.clone(),
            policy_uri: c.policy_uri.clone(),
            tos_uri: c.tos_uri.clone(),
            subject_type: c.subject_type.clone(),
            sector_identifier_uri: c.sector_identifier_uri.clone(),
            jwks: c.jwks.clone().unwrap_or_default().as_str().to_owned(),
            jwks_uri: c.jwks_uri.clone(),
            token_endpoint_auth_method: c.token_endpoint_auth_method.clone(),
            token_endpoint_auth_signing_alg: c.token_endpoint_auth_signing_alg.clone(),
            request_object_signing_alg: c.request_object_signing_alg.clone(),
            userinfo_signed_response_alg: c.userinfo_signed_response_alg.clone(),
            frontchannel_logout_uri: c.frontchannel_logout_uri.clone(),
            frontchannel_logout_session_required: c.frontchannel_logout_session_required,
            backchannel_logout_uri: c.backchannel_logout_uri.clone(),
            backchannel_logout_session_required: c.backchannel_logout_session_required,
            metadata: c.metadata.clone(),
            lifespans: StoredLifespans::from(&c.lifespans),
        }
    }
}

impl Payload {
    fn fill(self, client: Client) -> StoreResult<Client> {
        let jwks = if self.jwks.is_empty() {
            ClientKeys::default()
        } else {
            ClientKeys::from_stored(self.jwks).ok_or_else(|| corrupt(&client))?
        };
        Ok(Client {
            scope: self.scope,
            redirect_uris: self.redirect_uris,
            grant_types: self.grant_types,
            response_types: self.response_types,
            audience: self.audience,
            allowed_cors_origins: self.allowed_cors_origins,
            contacts: self.contacts,
            request_uris: self.request_uris,
            post_logout_redirect_uris: self.post_logout_redirect_uris,
            client_uri: self.client_uri,
            logo_uri: self.logo_uri,
            policy_uri: self.policy_uri,
            tos_uri: self.tos_uri,
            subject_type: self.subject_type,
            sector_identifier_uri: self.sector_identifier_uri,
            jwks: Some(jwks),
            jwks_uri: self.jwks_uri,
            token_endpoint_auth_method: self.token_endpoint_auth_method,
            token_endpoint_auth_signing_alg: self.token_endpoint_auth_signing_alg,
            request_object_signing_alg: self.request_object_signing_alg,
            userinfo_signed_response_alg: self.userinfo_signed_response_alg,
            frontchannel_logout_uri: self.frontchannel_logout_uri,
            frontchannel_logout_session_required: self.frontchannel_logout_session_required,
            backchannel_logout_uri: self.backchannel_logout_uri,
            backchannel_logout_session_required: self.backchannel_logout_session_required,
            metadata: if self.metadata.is_empty() {
                "{}".to_owned()
            } else {
                self.metadata
            },
            lifespans: Lifespans::from(&self.lifespans),
            ..client
        })
    }
}

impl From<&Lifespans> for StoredLifespans {
    fn from(of: &Lifespans) -> Self {
        let nanos = |span: Option<Duration>| span.map(Duration::as_nanos);
        Self {
            authorization_code_grant_access_token: nanos(of.authorization_code_grant_access_token),
            authorization_code_grant_id_token: nanos(of.authorization_code_grant_id_token),
            authorization_code_grant_refresh_token: nanos(
                of.authorization_code_grant_refresh_token,
            ),
            client_credentials_grant_access_token: nanos(of.client_credentials_grant_access_token),
            implicit_grant_access_token: nanos(of.implicit_grant_access_token),
            implicit_grant_id_token: nanos(of.implicit_grant_id_token),
            jwt_bearer_grant_access_token: nanos(of.jwt_bearer_grant_access_token),
            refresh_token_grant_id_token: nanos(of.refresh_token_grant_id_token),
            refresh_token_grant_access_token: nanos(of.refresh_token_grant_access_token),
            refresh_token_grant_refresh_token: nanos(of.refresh_token_grant_refresh_token),
        }
    }
}

impl From<&StoredLifespans> for Lifespans {
    fn from(of: &StoredLifespans) -> Self {
        let span = |nanos: Option<i64>| nanos.map(Duration::from_nanos);
        Self {
            authorization_code_grant_access_token: span(of.authorization_code_grant_access_token),
            authorization_code_grant_id_token: span(of.authorization_code_grant_id_token),
            authorization_code_grant_refresh_token: span(of.authorization_code_grant_refresh_token),
            client_credentials_grant_access_token: span(of.client_credentials_grant_access_token),
            implicit_grant_access_token: span(of.implicit_grant_access_token),
            implicit_grant_id_token: span(of.implicit_grant_id_token),
            jwt_bearer_grant_access_token: span(of.jwt_bearer_grant_access_token),
            refresh_token_grant_id_token: span(of.refresh_token_grant_id_token),
            refresh_token_grant_access_token: span(of.refresh_token_grant_access_token),
            refresh_token_grant_refresh_token: span(of.refresh_token_grant_refresh_token),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oauth_types::{ClientId, ClientVersion, SecretHash, Timestamp};

    #[test]
    fn a_client_comes_back_as_it_was_stored() {
        let mut client = Client::new(ClientId::new("Größe "));
        client.row_id = "0b9f6b8e-5a1c-4b0e-9d5e-0d8b8f1a2c3d".into();
        client.version = ClientVersion(7);
        client.secret = SecretHash::new("$pbkdf2-sha256$i=1,l=32$a$b");
        client.registration_signature = "sig".into();
        client.created_at = Timestamp::from_secs(5);
        client.updated_at = Timestamp::from_micros(6_000_001);
        client.name = "n".into();
        client.owner = "o".into();
        client.scope = "  two  blanks".into();
        client.redirect_uris = vec!["https://a/cb".into(), "https://a/cb".into()];
        client.contacts = vec![String::new()];
        client.jwks = ClientKeys::parse(r#"{"keys":[]}"#).ok();
        client.metadata = r#"{ "a" : 1.10 }"#.into();
        client.frontchannel_logout_session_required = true;
        client.lifespans.implicit_grant_id_token = Some(Duration::from_secs(-5));
        client.lifespans.jwt_bearer_grant_access_token = Some(Duration::ZERO);
        let record = client.to_record().unwrap();
        assert_eq!(Client::from_record(&record).unwrap(), client);
    }

    #[test]
    fn keys_that_were_not_given_are_stored_as_the_empty_set() {
        let record = Client::new(ClientId::new("c")).to_record().unwrap();
        let stored = Client::from_record(&record).unwrap();
        assert_eq!(stored.jwks, Some(ClientKeys::default()));
    }

    #[test]
    fn payloads_of_other_releases_are_read_and_broken_ones_are_not() {
        for (payload, readable) in [
            ("{}", true),
            (r#"{"scope":"a","of_the_future":1}"#, true),
            ("", false),
            (r#"{"scope":1}"#, false),
            (r#"{"jwks":"no json"}"#, false),
        ] {
            let record = ClientRecord {
                payload: payload.into(),
                ..Client::new(ClientId::new("c")).to_record().unwrap()
            };
            assert_eq!(Client::from_record(&record).is_ok(), readable, "{payload}");
        }
    }
}

use serde::Serialize;

use crate::decode::{Body, DecodeError, Members};

/// Lifespans of a client's tokens, in and out: durations in Go's notation such as `1h30m0s`, `null`
/// where the server's own apply. Whether a text is a duration is decided by whoever takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LifespanTexts {
    /// `authorization_code_grant_access_token_lifespan`.
    #[serde(rename = "authorization_code_grant_access_token_lifespan")]
    pub authorization_code_grant_access_token: Option<String>,
    /// `authorization_code_grant_id_token_lifespan`.
    #[serde(rename = "authorization_code_grant_id_token_lifespan")]
    pub authorization_code_grant_id_token: Option<String>,
    /// `authorization_code_grant_refresh_token_lifespan`.
    #[serde(rename = "authorization_code_grant_refresh_token_lifespan")]
    pub authorization_code_grant_refresh_token: Option<String>,
    /// `client_credentials_grant_access_token_lifespan`.
    #[serde(rename = "client_credentials_grant_access_token_lifespan")]
    pub client_credentials_grant_access_token: Option<String>,
    /// `implicit_grant_access_token_lifespan`.
    #[serde(rename = "implicit_grant_access_token_lifespan")]
    pub implicit_grant_access_token: Option<String>,
    /// `implicit_grant_id_token_lifespan`.
    #[serde(rename = "implicit_grant_id_token_lifespan")]
    pub implicit_grant_id_token: Option<String>,
    /// `jwt_bearer_grant_access_token_lifespan`.
    #[serde(rename = "jwt_bearer_grant_access_token_lifespan")]
    pub jwt_bearer_grant_access_token: Option<String>,
    /// `refresh_token_grant_id_token_lifespan`.
    #[serde(rename = "refresh_token_grant_id_token_lifespan")]
    pub refresh_token_grant_id_token: Option<String>,
    /// `refresh_token_grant_access_token_lifespan`.
    #[serde(rename = "refresh_token_grant_access_token_lifespan")]
    pub refresh_token_grant_access_token: Option<String>,
    /// `refresh_token_grant_refresh_token_lifespan`.
    #[serde(rename = "refresh_token_grant_refresh_token_lifespan")]
    pub refresh_token_grant_refresh_token: Option<String>,
}

impl Body for LifespanTexts {
    fn read(members: &Members) -> Result<Self, DecodeError> {
        Ok(Self {
            authorization_code_grant_access_token: members
                .text("authorization_code_grant_access_token_lifespan")?,
            authorization_code_grant_id_token: members
                .text("authorization_code_grant_id_token_lifespan")?,
            authorization_code_grant_refresh_token: members
                .text("authorization_code_grant_refresh_token_lifespan")?,
            client_credentials_grant_access_token: members
                .text("client_credentials_grant_access_token_lifespan")?,
            implicit_grant_access_token: members.text("implicit_grant_access_token_lifespan")?,
            implicit_grant_id_token: members.text("implicit_grant_id_token_lifespan")?,
            jwt_bearer_grant_access_token: members
                .text("jwt_bearer_grant_access_token_lifespan")?,
            refresh_token_grant_id_token: members.text("refresh_token_grant_id_token_lifespan")?,
            refresh_token_grant_access_token: members
                .text("refresh_token_grant_access_token_lifespan")?,
            refresh_token_grant_refresh_token: members
                .text("refresh_token_grant_refresh_token_lifespan")?,
        })
    }
}

use std::fmt;

use http::{Method, StatusCode};
use oauth_types::Secret;
use serde::{Deserialize, Serialize};

use crate::{DemoConfig, DemoError, http_client::Call};

/// The scopes of the demo client.
const SCOPE: &str = "openid offline profile email";

/// The credentials of the relying party.
#[derive(Clone)]
pub struct DemoClient {
    /// `client_id`.
    pub id: String,
    /// `client_secret`.
    pub secret: Secret,
    /// What it may ask for, separated by blanks.
    pub scope: String,
}

impl fmt::Debug for DemoClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DemoClient")
            .field("id", &self.id)
            .field("secret", &self.secret)
            .field("scope", &self.scope)
            .finish()
    }
}

#[derive(Serialize)]
struct NewClient<'a> {
    client_name: &'a str,
    redirect_uris: [String; 1],
    post_logout_redirect_uris: [String; 1],
    grant_types: [&'a str; 3],
    response_types: [&'a str; 1],
    scope: &'a str,
    token_endpoint_auth_method: &'a str,
}

#[derive(Deserialize)]
struct Registered {
    client_id: String,
    client_secret: String,
}

/// Registers the relying party of the demo at Hydrus (`POST /admin/clients`).
///
/// # Errors
/// [`DemoError::Unreachable`] if the admin port does not answer, [`DemoError::ClientRefused`] if
/// it does not answer with a new client.
pub async fn register_client(config: &DemoConfig) -> Result<DemoClient, DemoError> {
    config.check()?;
    let new = NewClient {
        client_name: "Hydrus demo shop",
        redirect_uris: [config.callback_url()],
        post_logout_redirect_uris: [config.logged_out_url()],
        grant_types: ["authorization_code", "refresh_token", "client_credentials"],
        response_types: ["code"],
        scope: SCOPE,
        token_endpoint_auth_method: "client_secret_basic",
    };
    let url = config.admin_url("/admin/clients");
    let answer = Call::json(Method::POST, url, &new).send().await?;
    match answer.json::<Registered>() {
        Some(registered) if answer.status == StatusCode::CREATED => Ok(DemoClient {
            id: registered.client_id,
            secret: Secret::new(registered.client_secret),
            scope: SCOPE.to_owned(),
        }),
        _ => Err(DemoError::ClientRefused {
            status: answer.status.as_u16(),
            excerpt: answer.excerpt(),
        }),
    }
}

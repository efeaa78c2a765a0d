use api_types::admin::{ClientView, LifespanTexts};
use oauth_types::Duration;
use provider::{Client, print_duration};

/// A client as it is stored; secrets and tokens are put in where they were just made.
pub(crate) fn client(client: &Client) -> ClientView<'_> {
    ClientView {
        client_id: client.id.as_str(),
        client_name: &client.name,
        client_secret: None,
        redirect_uris: Some(&client.redirect_uris),
        grant_types: Some(&client.grant_types),
        response_types: Some(&client.response_types),
        scope: &client.scope,
        audience: &client.audience,
        owner: &client.owner,
        policy_uri: &client.policy_uri,
        allowed_cors_origins: &client.allowed_cors_origins,
        tos_uri: &client.tos_uri,
        client_uri: &client.client_uri,
        logo_uri: &client.logo_uri,
        contacts: Some(&client.contacts),
        client_secret_expires_at: 0,
        subject_type: &client.subject_type,
        sector_identifier_uri: &client.sector_identifier_uri,
        jwks_uri: &client.jwks_uri,
        jwks: client.jwks.as_ref().map_or("{}", |keys| keys.as_str()),
        token_endpoint_auth_method: client.auth_method(),
        token_endpoint_auth_signing_alg: &client.token_endpoint_auth_signing_alg,
        request_uris: &client.request_uris,
        request_object_signing_alg: &client.request_object_signing_alg,
        userinfo_signed_response_alg: &client.userinfo_signed_response_alg,
        created_at: client.created_at.to_rfc3339(),
        updated_at: client.updated_at.to_rfc3339(),
        frontchannel_logout_uri: &client.frontchannel_logout_uri,
        frontchannel_logout_session_required: client.frontchannel_logout_session_required,
        post_logout_redirect_uris: &client.post_logout_redirect_uris,
        backchannel_logout_uri: &client.backchannel_logout_uri,
        backchannel_logout_session_required: client.backchannel_logout_session_required,
        metadata: Some(&client.metadata),
        registration_access_token: "",
        registration_client_uri: "",
        lifespans: lifespans(client),
    }
}

fn lifespans(client: &Client) -> LifespanTexts {
    let text = |span: Option<Duration>| span.map(print_duration);
    let of = &client.lifespans;
    LifespanTexts {
        authorization_code_grant_access_token: text(of.authorization_code_grant_access_token),
        authorization_code_grant_id_token: text(of.authorization_code_grant_id_token),
        authorization_code_grant_refresh_token: text(of.authorization_code_grant_refresh_token),
        client_credentials_grant_access_token: text(of.client_credentials_grant_access_token),
        implicit_grant_access_token: text(of.implicit_grant_access_token),
        implicit_grant_id_token: text(of.implicit_grant_id_token),
        jwt_bearer_grant_access_token: text(of.jwt_bearer_grant_access_token),
        refresh_token_grant_id_token: text(of.refresh_token_grant_id_token),
        refresh_token_grant_access_token: text(of.refresh_token_grant_access_token),
        refresh_token_grant_refresh_token: text(of.refresh_token_grant_refresh_token),
    }
}

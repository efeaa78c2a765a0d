use api_types::admin::{ClientBody, LifespanTexts};
use oauth_types::ClientId;
use provider::{Client, ClientDraft, ClientKeys, ClientLifespans, parse_duration};

/// What a body asks a client to be.
///
/// # Errors
/// Why keys or lifespans cannot be read; that counts as a body that cannot be decoded.
pub(crate) fn draft(body: &ClientBody) -> Result<ClientDraft, String> {
    let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
    let jwks = body
        .jwks
        .as_ref()
        .map(|jwks| ClientKeys::parse(jwks.as_str()));
    let mut client = Client::new(ClientId::default());
    client.name.clone_from(&body.client_name);
    client.owner.clone_from(&body.owner);
    client.scope.clone_from(&body.scope);
    client.redirect_uris = list(&body.redirect_uris);
    client.grant_types = list(&body.grant_types);
    client.response_types = list(&body.response_types);
    client.audience = list(&body.audience);
    client.allowed_cors_origins = list(&body.allowed_cors_origins);
    client.contacts = list(&body.contacts);
    client.request_uris = list(&body.request_uris);
    client.post_logout_redirect_uris = list(&body.post_logout_redirect_uris);
    client.client_uri.clone_from(&body.client_uri);
    client.logo_uri.clone_from(&body.logo_uri);
    client.policy_uri.clone_from(&body.policy_uri);
    client.tos_uri.clone_from(&body.tos_uri);
    client.subject_type.clone_from(&body.subject_type);
    client
        .sector_identifier_uri
        .clone_from(&body.sector_identifier_uri);
    client.jwks = jwks.transpose()?;
    client.jwks_uri.clone_from(&body.jwks_uri);
    client
        .token_endpoint_auth_method
        .clone_from(&body.token_endpoint_auth_method);
    client
        .token_endpoint_auth_signing_alg
        .clone_from(&body.token_endpoint_auth_signing_alg);
    client
        .request_object_signing_alg
        .clone_from(&body.request_object_signing_alg);
    client
        .userinfo_signed_response_alg
        .clone_from(&body.userinfo_signed_response_alg);
    client
        .frontchannel_logout_uri
        .clone_from(&body.frontchannel_logout_uri);
    client.frontchannel_logout_session_required = body.frontchannel_logout_session_required;
    client
        .backchannel_logout_uri
        .clone_from(&body.backchannel_logout_uri);
    client.backchannel_logout_session_required = body.backchannel_logout_session_required;
    if let Some(metadata) = &body.metadata {
        metadata.as_str().clone_into(&mut client.metadata);
    }
    client.lifespans = lifespans(&body.lifespans)?;
    Ok(ClientDraft {
        chosen_id: body.client_id.clone(),
        secret: body.client_secret.clone(),
        client,
    })
}

/// The lifespans that texts ask for.
///
/// # Errors
/// Why one of them is no duration.
pub(crate) fn lifespans(texts: &LifespanTexts) -> Result<ClientLifespans, String> {
    let span = |text: &Option<String>| text.as_deref().map(parse_duration).transpose();
    Ok(ClientLifespans {
        authorization_code_grant_access_token: span(&texts.authorization_code_grant_access_token)?,
        authorization_code_grant_id_token: span(&texts.authorization_code_grant_id_token)?,
        authorization_code_grant_refresh_token: span(
            &texts.authorization_code_grant_refresh_token,
        )?,
        client_credentials_grant_access_token: span(&texts.client_credentials_grant_access_token)?,
        implicit_grant_access_token: span(&texts.implicit_grant_access_token)?,
        implicit_grant_id_token: span(&texts.implicit_grant_id_token)?,
        jwt_bearer_grant_access_token: span(&texts.jwt_bearer_grant_access_token)?,
        refresh_token_grant_id_token: span(&texts.refresh_token_grant_id_token)?,
        refresh_token_grant_access_token: span(&texts.refresh_token_grant_access_token)?,
        refresh_token_grant_refresh_token: span(&texts.refresh_token_grant_refresh_token)?,
    })
}

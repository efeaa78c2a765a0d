use oauth_types::{Fetch, Secret};

use crate::client::DEFAULT_AUTH_METHOD;
use crate::go_url::GoUrl;
use crate::{Client, ClientFault, ClientPolicy, reach, sector};

const AUTH_SIGNING_ALGS: [&str; 9] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
];

const SHORTEST_SECRET: usize = 6;

/// Checks a whole client as it is to be stored, and fills in and normalises what that calls for.
/// The steps have the order of Hydra, since the first fault is the one that is told. `secret` is
/// the one that was chosen with this change, if any. Sector documents are fetched, and names looked
/// up where only public addresses may be called.
///
/// # Errors
/// The first [`ClientFault`].
pub async fn validate(
    client: &mut Client,
    secret: &Secret,
    policy: &ClientPolicy,
    fetch: &dyn Fetch,
) -> Result<(), ClientFault> {
    check_authentication(client)?;
    // An empty set beside `jwks_uri` is what every stored client has, so it cannot be a fault.
    if !client.jwks_uri.is_empty() && client.jwks.as_ref().is_some_and(|keys| !keys.is_empty()) {
        return Err(ClientFault::KeysTwice);
    }
    reach::check(client, policy.reach, fetch).await?;
    if !secret.is_empty() && secret.expose().len() < SHORTEST_SECRET {
        return Err(ClientFault::SecretTooShort);
    }
    if client.scope.is_empty() {
        client.scope = policy.default_scope();
    }
    for origin in &mut client.allowed_cors_origins {
        *origin = normal_origin(origin)?;
    }
    if !client.sector_identifier_uri.is_empty() {
        sector::check(
            &client.sector_identifier_uri,
            &client.redirect_uris,
            policy.reach,
            fetch,
        )
        .await?;
    }
    match client.userinfo_signed_response_alg.as_str() {
        "" => client.userinfo_signed_response_alg = "none".to_owned(),
        "none" | "RS256" => {}
        _ => return Err(ClientFault::UserinfoAlg),
    }
    for uri in &client.redirect_uris {
        if GoUrl::parse_request(uri).is_err() {
            return Err(ClientFault::RedirectUri(uri.clone()));
        }
        if uri.contains('#') {
            return Err(ClientFault::RedirectFragment);
        }
    }
    check_subject_type(client, policy)?;
    client
        .post_logout_redirect_uris
        .iter()
        .try_for_each(|uri| check_post_logout(uri, &client.redirect_uris))
}

fn check_authentication(client: &mut Client) -> Result<(), ClientFault> {
    if client.token_endpoint_auth_method.is_empty() {
        client.token_endpoint_auth_method = DEFAULT_AUTH_METHOD.to_owned();
    }
    if client.token_endpoint_auth_method != "private_key_jwt" {
        return Ok(());
    }
    // Hydra: any set counts as keys, also an empty one.
    if client.jwks_uri.is_empty() && client.jwks.is_none() {
        return Err(ClientFault::NoKeys);
    }
    let alg = client.token_endpoint_auth_signing_alg.as_str();
    if alg.is_empty() || AUTH_SIGNING_ALGS.contains(&alg) {
        Ok(())
    } else {
        Err(ClientFault::AuthSigningAlg)
    }
}

fn normal_origin(origin: &str) -> Result<String, ClientFault> {
    let url = GoUrl::parse(origin).map_err(|why| ClientFault::OriginUnreadable {
        origin: origin.to_owned(),
        why,
    })?;
    if url.scheme != "https" && url.scheme != "http" {
        return Err(ClientFault::OriginScheme(origin.to_owned()));
    }
    if url.user_info.is_some() {
        return Err(ClientFault::OriginUser(origin.to_owned()));
    }
    let path = url.path.trim_end_matches('/');
    if !path.is_empty() || !url.query.is_empty() || !url.fragment.is_empty() {
        return Err(ClientFault::OriginParts(origin.to_owned()));
    }
    Ok(if url.host.is_empty() {
        format!("{}:{}", url.scheme, url.opaque)
    } else {
        format!("{}://{}", url.scheme, url.host)
    })
}

fn check_subject_type(client: &mut Client, policy: &ClientPolicy) -> Result<(), ClientFault> {
    let given = &client.subject_type;
    if given.is_empty()
        && let Some(default) = policy.default_subject_type()
    {
        client.subject_type = default.to_owned();
        return Ok(());
    }
    if policy.subject_types.contains(given) {
        return Ok(());
    }
    Err(ClientFault::SubjectType {
        given: given.clone(),
        supported: policy.subject_types.clone(),
    })
}

fn check_post_logout(uri: &str, redirect_uris: &[String]) -> Result<(), ClientFault> {
    let url = GoUrl::parse_request(uri).map_err(|_| ClientFault::PostLogoutUri(uri.to_owned()))?;
    let same_host = |registered: &String| {
        GoUrl::parse_request(registered).is_ok_and(|r| {
            (r.host_name(), r.port(), &r.scheme) == (url.host_name(), url.port(), &url.scheme)
        })
    };
    if redirect_uris.iter().any(same_host) {
        Ok(())
    } else {
        Err(ClientFault::PostLogoutHost(uri.to_owned()))
    }
}

#[cfg(test)]
mod tests;

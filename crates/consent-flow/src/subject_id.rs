//! What a client knows a user as (OpenID Connect Core §8).

use client_registry::Client;

use crate::FlowError;

/// How the server hides subjects from pairwise clients.
#[derive(Clone, Debug, Default)]
pub struct SubjectPolicy {
    /// The salt of the pairwise hash; `None`: pairwise subjects are off.
    pub pairwise_salt: Option<String>,
}

/// The subject as the client sees it: itself for a public one; for a pairwise one the identifier
/// that the login app forced, else a hash over sector, subject and salt.
///
/// Hydra: the sector is the complete `sector_identifier_uri`, not its host alone.
///
/// # Errors
/// [`FlowError::PairwiseOff`], [`FlowError::PairwiseAmbiguous`], [`FlowError::PairwiseNowhere`].
pub fn client_subject(
    client: &Client,
    subject: &str,
    forced: &str,
    policy: &SubjectPolicy,
) -> Result<String, FlowError> {
    if client.subject_type != "pairwise" {
        return Ok(subject.to_owned());
    }
    let name = client.id.to_string();
    let Some(salt) = &policy.pairwise_salt else {
        return Err(FlowError::PairwiseOff { client: name });
    };
    if !forced.is_empty() {
        return Ok(forced.to_owned());
    }
    let sector = if !client.sector_identifier_uri.is_empty() {
        client.sector_identifier_uri.clone()
    } else {
        match client.redirect_uris.as_slice() {
            [only] => authority(only).to_owned(),
            [] => return Err(FlowError::PairwiseNowhere { client: name }),
            _ => return Err(FlowError::PairwiseAmbiguous { client: name }),
        }
    };
    Ok(crypto::pairwise_hash(&sector, subject, salt))
}

/// Host and port of an address as written; empty where it has none.
fn authority(uri: &str) -> &str {
    let Some((_, rest)) = uri.split_once("://") else {
        return "";
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

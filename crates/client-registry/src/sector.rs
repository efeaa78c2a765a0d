//! Sector identifiers (OpenID Connect Core §8.1): JSON lists of the redirect URIs of a sector,
//! which lie on other servers.

use oauth_types::{Fetch, FetchRequest, Reach};
use serde::Deserialize as _;

use crate::ClientFault;
use crate::go_url::GoUrl;

/// Longer lists are not read. Bytes.
const LARGEST: usize = 1024 * 1024;

/// Checks that all redirect URIs are of the sector. What is wrong with its document is not told.
pub(crate) async fn check(
    uri: &str,
    redirect_uris: &[String],
    reach: Reach,
    fetch: &dyn Fetch,
) -> Result<(), ClientFault> {
    let url = GoUrl::parse(uri).map_err(ClientFault::SectorUnreadable)?;
    if url.scheme != "https" {
        return Err(ClientFault::Sector);
    }
    let mut request = FetchRequest::get(uri, reach).follow(FetchRequest::REDIRECTS);
    request.max_bytes = LARGEST;
    // Hydra: status and content type of the answer do not count.
    let answer = fetch.fetch(request).await;
    let answer = answer.map_err(|_| ClientFault::Sector)?;
    let listed = list(&answer.body).ok_or(ClientFault::Sector)?;
    let listed_too = |uri: &String| listed.iter().flatten().any(|one| one == uri);
    if listed.is_empty() || !redirect_uris.iter().all(listed_too) {
        return Err(ClientFault::Sector);
    }
    Ok(())
}

/// Hydra: what stands behind the list does not count, nor do elements that are `null`.
fn list(body: &[u8]) -> Option<Vec<Option<String>>> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    Option::<Vec<Option<String>>>::deserialize(&mut reader)
        .ok()
        .map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_lists_of_texts() {
        for (body, length) in [
            (r#"["a"]"#, Some(1)),
            (r#"["a",null] and more"#, Some(2)),
            ("[]", Some(0)),
            ("null", Some(0)),
            ("", None),
            ("[1]", None),
            (r#"{"a":1}"#, None),
            (r#"["a""#, None),
        ] {
            assert_eq!(list(body.as_bytes()).map(|l| l.len()), length, "{body}");
        }
    }
}

use async_trait::async_trait;

use crate::ClientFault;
use crate::go_url::GoUrl;

/// Fetches the documents that `sector_identifier_uri`s name (OpenID Connect Core §8.1): JSON lists
/// of the redirect URIs of a sector. The one who implements it guards against addresses that are
/// not to be reached, and bounds time and size.
#[async_trait]
pub trait SectorDocuments: Send + Sync {
    /// The list that the address holds; status and content type do not count.
    ///
    /// # Errors
    /// [`SectorFault`], to be logged; the registrant learns nothing of it.
    async fn redirect_uris(&self, url: &str) -> Result<Vec<String>, SectorFault>;
}

/// Why there is no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SectorFault {
    /// The server was not reached, or must not be.
    #[error("the sector's document was not reached")]
    Unreachable,
    /// What came is no JSON list of texts.
    #[error("the sector's document is no list of redirect URIs")]
    NotAList,
}

/// Reaches no document: for servers that fetch nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFetch;

#[async_trait]
impl SectorDocuments for NoFetch {
    async fn redirect_uris(&self, _: &str) -> Result<Vec<String>, SectorFault> {
        Err(SectorFault::Unreachable)
    }
}

/// Checks that all redirect URIs are of the sector.
pub(crate) async fn check(
    uri: &str,
    redirect_uris: &[String],
    documents: &dyn SectorDocuments,
) -> Result<(), ClientFault> {
    let url = GoUrl::parse(uri).map_err(ClientFault::SectorUnreadable)?;
    if url.scheme != "https" {
        return Err(ClientFault::Sector);
    }
    let listed = documents
        .redirect_uris(uri)
        .await
        .map_err(|_| ClientFault::Sector)?;
    if listed.is_empty() || !redirect_uris.iter().all(|uri| listed.contains(uri)) {
        return Err(ClientFault::Sector);
    }
    Ok(())
}

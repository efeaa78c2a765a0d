//! Addresses that this server would call itself must not lead into its own network.

use oauth_types::{Fetch, Reach, private_range};

use crate::go_url::GoUrl;
use crate::{Client, ClientFault};

/// Checks the addresses that the server calls; those that only browsers visit may be private.
///
/// Hydra: names without address pass. What they lead to is checked again when they are called.
pub(crate) async fn check(
    client: &Client,
    reach: Reach,
    fetch: &dyn Fetch,
) -> Result<(), ClientFault> {
    if reach == Reach::Everywhere {
        return Ok(());
    }
    let own = [
        ("jwks_uri".to_owned(), &client.jwks_uri),
        (
            "backchannel_logout_uri".to_owned(),
            &client.backchannel_logout_uri,
        ),
    ];
    let requests = client.request_uris.iter().enumerate();
    let requests = requests.map(|(number, uri)| (format!("request_uris.{number}"), uri));
    for (field, uri) in own.into_iter().chain(requests) {
        let Ok(url) = GoUrl::parse(uri) else { continue };
        if url.host_name().is_empty() {
            continue;
        }
        for address in fetch.addresses(url.host_name()).await {
            if let Some((address, range)) = private_range(address) {
                return Err(ClientFault::PrivateAddress {
                    field,
                    address,
                    range,
                });
            }
        }
    }
    Ok(())
}

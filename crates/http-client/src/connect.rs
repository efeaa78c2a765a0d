//! From a name to a connection, by way of the guard.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use oauth_types::{FetchError, Reach, private_range};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::target::Target;

/// A connection, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// TLS settings, made when first needed: reading the machine's certificates takes a while.
#[derive(Debug, Default)]
pub(crate) struct Tls(OnceLock<Result<Arc<ClientConfig>, String>>);

impl Tls {
    fn config(&self) -> Result<Arc<ClientConfig>, String> {
        self.0.get_or_init(trusting_the_machine).clone()
    }
}

/// `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the machine's certificates.
fn trusting_the_machine() -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err("the machine has no trusted certificates".into());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| why.to_string())?;
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    Ok(Arc::new(config))
}

/// Why there is no connection, and whether another attempt may help.
pub(crate) struct Failed {
    pub(crate) error: FetchError,
    pub(crate) worth_another: bool,
}

impl Failed {
    pub(crate) fn for_good(error: FetchError) -> Self {
        Self {
            error,
            worth_another: false,
        }
    }

    pub(crate) fn for_now(why: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            error: FetchError::Unreachable(why.into().to_string()),
            worth_another: true,
        }
    }
}

/// Connects to one of the addresses that the target's name has at this moment.
pub(crate) async fn connect(
    target: &Target,
    reach: Reach,
    tls: &Arc<Tls>,
) -> Result<Box<dyn Stream>, Failed> {
    let host = target.host();
    let found = tokio::net::lookup_host((host.as_str(), target.port()))
        .await
        .map_err(Failed::for_now)?;
    let allowed = allowed(found, reach).map_err(Failed::for_good)?;
    let stream = TcpStream::connect(&allowed[..])
        .await
        .map_err(Failed::for_now)?;
    if !target.tls {
        return Ok(Box::new(stream));
    }
    let tls = tls.clone();
    // Reads files.
    let config = tokio::task::spawn_blocking(move || tls.config()).await;
    let config = config.map_err(Failed::for_now)?;
    let config = config.map_err(|why| Failed::for_good(FetchError::Unreachable(why)))?;
    let name = ServerName::try_from(host).map_err(Failed::for_now)?;
    match TlsConnector::from(config).connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        // A certificate that is not trusted now is not trusted in a second.
        Err(why) => Err(Failed::for_good(FetchError::Unreachable(why.to_string()))),
    }
}

fn allowed(
    found: impl Iterator<Item = SocketAddr>,
    reach: Reach,
) -> Result<Vec<SocketAddr>, FetchError> {
    let mut refused = None;
    let mut allowed = Vec::new();
    for address in found {
        match (reach, private_range(address.ip())) {
            (Reach::PublicOnly, Some((ip, range))) => {
                refused = Some(format!("ip {ip} is in the {range} range"));
            }
            _ => allowed.push(address),
        }
    }
    match (allowed.is_empty(), refused) {
        (false, _) => Ok(allowed),
        (true, Some(why)) => Err(FetchError::Forbidden(why)),
        (true, None) => Err(FetchError::Unreachable("the name has no address".into())),
    }
}

/// All addresses of a name.
pub(crate) async fn addresses(host: &str) -> Vec<IpAddr> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match tokio::net::lookup_host((bare, 0)).await {
        Ok(found) => found.map(|address| address.ip()).collect(),
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_addresses_of_a_name_are_connected_to() {
        for (found, reach, left) in [
            (&["10.0.0.1:1", "8.8.8.8:1"][..], Reach::Everywhere, 2),
            (&["10.0.0.1:1", "8.8.8.8:1"], Reach::PublicOnly, 1),
            (&["[::1]:1", "127.0.0.1:1"], Reach::PublicOnly, 0),
            (&[], Reach::Everywhere, 0),
        ] {
            let found = found.iter().map(|a| a.parse().unwrap());
            assert_eq!(allowed(found, reach).map_or(0, |a| a.len()), left);
        }
        let alone = ["192.168.7.7:80".parse().unwrap()].into_iter();
        assert_eq!(
            allowed(alone, Reach::PublicOnly),
            Err(FetchError::Forbidden(
                "ip 192.168.7.7 is in the 192.168.0.0/16 range".into()
            ))
        );
    }
}

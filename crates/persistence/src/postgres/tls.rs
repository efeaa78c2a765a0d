//! TLS towards PostgreSQL, by the words of `sslmode`.
//!
//! Roots are those of `sslrootcert`, else the machine's: the certificates of databases come from
//! private authorities that an operator installs there, not from those that browsers trust, so a
//! list compiled into the program would be of little use and grow old.

use std::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring::default_provider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// How far the server's certificate is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// Not at all: the connection is encrypted, but to whom is unknown.
    Nothing,
    /// It has to come from a trusted authority, whatever name it bears.
    Authority,
    /// It has to come from a trusted authority and bear the server's name.
    AuthorityAndName,
}

/// What the DSN says about TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    /// How far to check.
    pub(crate) check: Check,
    /// A PEM file of trusted authorities.
    pub(crate) root_cert: Option<String>,
    /// PEM files of our certificate and its key.
    pub(crate) client_cert: Option<(String, String)>,
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file cannot be read or holds nothing of use.
    #[error("cannot read {file:?}: {why}")]
    File {
        /// Its path.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// The machine has no roots and none are named.
    #[error("the machine has no trusted authorities; name a file by sslrootcert")]
    NoRoots,
    /// What rustls says.
    #[error(transparent)]
    Rustls(#[from] Error),
    /// What its verifier says.
    #[error(transparent)]
    Verifier(#[from] rustls::client::VerifierBuilderError),
}

impl Tls {
    /// The settings for the handshake.
    pub(crate) fn config(&self) -> Result<ClientConfig, TlsError> {
        let provider = Arc::new(default_provider());
        let trusted = match self.check {
            Check::Nothing => None,
            Check::Authority | Check::AuthorityAndName => {
                let roots = Arc::new(self.roots()?);
                Some(WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build()?)
            }
        };
        let with_name = self.check == Check::AuthorityAndName;
        let verifier = Verifier {
            trusted,
            with_name,
            provider: provider.clone(),
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        Ok(match &self.client_cert {
            None => builder.with_no_client_auth(),
            Some((cert, key)) => {
                let key = PrivateKeyDer::from_pem_file(key).map_err(|why| TlsError::File {
                    file: key.clone(),
                    why: why.to_string(),
                })?;
                builder.with_client_auth_cert(certificates(cert)?, key)?
            }
        })
    }

    fn roots(&self) -> Result<RootCertStore, TlsError> {
        let mut roots = RootCertStore::empty();
        match &self.root_cert {
            Some(file) => {
                for cert in certificates(file)? {
                    roots.add(cert)?;
                }
            }
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        if roots.is_empty() {
            Err(TlsError::NoRoots)
        } else {
            Ok(roots)
        }
    }
}

fn certificates(file: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |why: String| TlsError::File {
        file: file.to_owned(),
        why,
    };
    let certs: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|why| failed(why.to_string()))?;
    if certs.is_empty() {
        Err(failed("there is no certificate in it".to_owned()))
    } else {
        Ok(certs)
    }
}

struct Verifier {
    /// `None`: whoever it is.
    trusted: Option<Arc<WebPkiServerVerifier>>,
    with_name: bool,
    provider: Arc<CryptoProvider>,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("with_name", &self.with_name)
            .finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(trusted) = &self.trusted else {
            return Ok(ServerCertVerified::assertion());
        };
        // rustls checks the chain first and the name last, so that an error about the name says
        // that all else is in order.
        match trusted.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.with_name => Ok(ServerCertVerified::assertion()),
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

use std::net::IpAddr;

use oauth_types::{ErrorCode, OAuthError};

/// Why a client is not registered as it was sent. The texts go to the registrant as they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientFault {
    /// The registrant chose the id.
    #[error(
        "It is no longer possible to set an OAuth2 Client ID as a user. The system will generate \
         a unique ID for you."
    )]
    ChosenId,
    /// The client chose its secret when it registered itself.
    #[error("It is not allowed to choose your own OAuth2 Client secret.")]
    ChosenSecret,
    /// The client chose its secret when it changed itself.
    #[error("It is not allowed to choose your own OAuth2 Client secret.")]
    ChangedSecret,
    /// The client registers metadata, which is the administrator's. Hydra: the stray apostrophe is on
    /// the wire.
    #[error("metadata cannot be set for dynamic client registration'")]
    Metadata,
    /// `private_key_jwt` without keys.
    #[error(
        "When token_endpoint_auth_method is 'private_key_jwt', either jwks or jwks_uri must be set."
    )]
    NoKeys,
    /// `private_key_jwt` with an algorithm that is not to be had.
    #[error(
        "Only RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 and ES512 are supported as \
         algorithms for private key authentication."
    )]
    AuthSigningAlg,
    /// Keys here and elsewhere.
    #[error("Fields jwks and jwks_uri can not both be set, you must choose one.")]
    KeysTwice,
    /// An address that this server would call lies in its own network.
    #[error(
        "Client IP address is not allowed: key {field} validation is failing: ip {address} is in \
         the {range} range"
    )]
    PrivateAddress {
        /// Where it stands.
        field: String,
        /// What it leads to.
        address: IpAddr,
        /// The range that is not allowed.
        range: &'static str,
    },
    /// A short secret.
    #[error("Field client_secret must contain a secret that is at least 6 characters long.")]
    SecretTooShort,
    /// A secret that the configured hash cannot take whole.
    #[error("Field client_secret must not be longer than 72 bytes.")]
    SecretTooLong,
    /// An origin that is no address.
    #[error("Origin URL {origin} from allowed_cors_origins could not be parsed: {why}")]
    OriginUnreadable {
        /// As it was sent.
        origin: String,
        /// The parser's words.
        why: String,
    },
    /// An origin of another scheme.
    #[error("Origin URL {0} must use https:// or http:// as HTTP scheme.")]
    OriginScheme(String),
    /// An origin with user information.
    #[error("Origin URL {0} has HTTP user and/or password set which is not allowed.")]
    OriginUser(String),
    /// An origin with more than scheme, host and port.
    #[error(
        "Origin URL {0} must have an empty path, query, and fragment but one of the parts is not \
         empty."
    )]
    OriginParts(String),
    /// A sector identifier that is no address.
    #[error("Value of sector_identifier_uri could not be parsed because {0}.")]
    SectorUnreadable(String),
    /// A sector identifier whose document is not to be had or does not name all redirect URIs. No
    /// text says which, so that the answer tells nothing about other servers.
    #[error("")]
    Sector,
    /// Another userinfo algorithm.
    #[error("Field userinfo_signed_response_alg can either be 'none' or 'RS256'.")]
    UserinfoAlg,
    /// A redirect URI that is no address.
    #[error("Unable to parse redirect URL: {0}")]
    RedirectUri(String),
    /// A redirect URI with a fragment (RFC 6749 §3.1.2).
    #[error("Redirect URIs must not contain fragments (#).")]
    RedirectFragment,
    /// A subject type that is not supported.
    #[error("Subject type {given} is not supported by server, only [{}] are allowed.", .supported.join(" "))]
    SubjectType {
        /// As it was sent.
        given: String,
        /// Those that are.
        supported: Vec<String>,
    },
    /// A post-logout redirect URI that is no address.
    #[error("Unable to parse post_logout_redirect_uri: {0}")]
    PostLogoutUri(String),
    /// A post-logout redirect URI of a foreign host. Hydra: the stray apostrophe is on the wire.
    #[error(
        "post_logout_redirect_uri '{0}' must match the domain, port, scheme of at least one of the \
         registered redirect URIs but did not'"
    )]
    PostLogoutHost(String),
}

impl From<ClientFault> for OAuthError {
    fn from(fault: ClientFault) -> Self {
        let code = match fault {
            ClientFault::ChosenId | ClientFault::ChosenSecret => ErrorCode::Malformed,
            ClientFault::ChangedSecret => ErrorCode::Forbidden,
            ClientFault::RedirectUri(_) | ClientFault::RedirectFragment => {
                ErrorCode::InvalidRedirectUri
            }
            _ => ErrorCode::InvalidClientMetadata,
        };
        Self::new(code).hint(fault.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_become_the_errors_of_the_registration_protocol() {
        for (fault, name, ending) in [
            (
                ClientFault::RedirectUri("say \"hello\"".into()),
                "invalid_redirect_uri",
                "The value of one or more redirect_uris is invalid. Unable to parse redirect URL: \
                 say 'hello'",
            ),
            (
                ClientFault::PostLogoutHost("https://c/".into()),
                "invalid_client_metadata",
                "Metadata. post_logout_redirect_uri 'https://c/' must match the domain, port, \
                 scheme of at least one of the registered redirect URIs but did not'",
            ),
            (
                ClientFault::SubjectType {
                    given: "x".into(),
                    supported: vec!["public".into(), "pairwise".into()],
                },
                "invalid_client_metadata",
                " Subject type x is not supported by server, only [public pairwise] are allowed.",
            ),
            (
                ClientFault::Sector,
                "invalid_client_metadata",
                "any requested parameter of a Client's Metadata.",
            ),
            (
                ClientFault::ChosenId,
                "The request was malformed or contained invalid parameters",
                "It is no longer possible to set an OAuth2 Client ID as a user. The system will \
                 generate a unique ID for you.",
            ),
        ] {
            let error = OAuthError::from(fault);
            assert_eq!((error.name(), error.status()), (name, 400));
            let text = error.description(true);
            assert!(text.ends_with(ending), "{text}");
        }
    }
}

use crypto::murmur3;
use oauth_types::{ClientId, ClientVersion, Scopes, SecretHash, Timestamp};

use crate::{ClientKeys, Lifespans};

/// The authentication method of clients that registered none (RFC 7591 §2).
pub const DEFAULT_AUTH_METHOD: &str = "client_secret_basic";

/// A registered OAuth client (RFC 6749 §2) with its metadata (RFC 7591 §2, OpenID Connect Dynamic
/// Client Registration §2).
///
/// Texts are kept as they were registered; an empty one means "not given". Methods tell what they
/// mean at run time, defaults included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its name in the protocol; never changes.
    pub id: ClientId,
    /// Its key in the database, a UUID: orders lists and names cookies; never changes.
    pub row_id: String,
    /// Counts its changes.
    pub version: ClientVersion,
    /// The stored secret. Public clients have one, too, which nobody was shown.
    pub secret: SecretHash,
    /// The last part of the registration access token (RFC 7592 §3); empty: there is none.
    pub registration_signature: String,
    /// When it was registered, in whole seconds.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// `client_name`, shown to users.
    pub name: String,
    /// `owner`, any text; lists can be narrowed by it.
    pub owner: String,
    /// `scope` as registered: what the client may ask for.
    pub scope: String,
    /// `redirect_uris`, compared by the rules of the authorization endpoint.
    pub redirect_uris: Vec<String>,
    /// `grant_types` as registered; see [`Client::has_grant_type`].
    pub grant_types: Vec<String>,
    /// `response_types` as registered; see [`Client::response_types`].
    pub response_types: Vec<String>,
    /// `audience`: what access tokens may be meant for.
    pub audience: Vec<String>,
    /// `allowed_cors_origins`: browsers may call from there.
    pub allowed_cors_origins: Vec<String>,
    /// `contacts`: who answers for the client.
    pub contacts: Vec<String>,
    /// `request_uris`: where request objects may lie (OpenID Connect Core §6.2).
    pub request_uris: Vec<String>,
    /// `post_logout_redirect_uris` (OpenID Connect RP-Initiated Logout §3.1).
    pub post_logout_redirect_uris: Vec<String>,
    /// `client_uri`: the client's home page.
    pub client_uri: String,
    /// `logo_uri`: its picture.
    pub logo_uri: String,
    /// `policy_uri`: how it treats data.
    pub policy_uri: String,
    /// `tos_uri`: its terms.
    pub tos_uri: String,
    /// `subject_type`: `public` or `pairwise` (OpenID Connect Core §8).
    pub subject_type: String,
    /// `sector_identifier_uri` (OpenID Connect Core §8.1).
    pub sector_identifier_uri: String,
    /// `jwks`: the client's own keys; `None` only until the client is stored.
    pub jwks: Option<ClientKeys>,
    /// `jwks_uri`: where they are to be had instead.
    pub jwks_uri: String,
    /// `token_endpoint_auth_method` as registered; see [`Client::auth_method`].
    pub token_endpoint_auth_method: String,
    /// `token_endpoint_auth_signing_alg`; see [`Client::auth_signing_alg`].
    pub token_endpoint_auth_signing_alg: String,
    /// `request_object_signing_alg`; empty: any.
    pub request_object_signing_alg: String,
    /// `userinfo_signed_response_alg`: `none` or `RS256`.
    pub userinfo_signed_response_alg: String,
    /// `frontchannel_logout_uri` (OpenID Connect Front-Channel Logout §2).
    pub frontchannel_logout_uri: String,
    /// `frontchannel_logout_session_required`.
    pub frontchannel_logout_session_required: bool,
    /// `backchannel_logout_uri` (OpenID Connect Back-Channel Logout §2.2).
    pub backchannel_logout_uri: String,
    /// `backchannel_logout_session_required`.
    pub backchannel_logout_session_required: bool,
    /// `metadata`: any JSON text, kept as it was sent.
    pub metadata: String,
    /// Lifespans of its tokens where they differ from the server's.
    pub lifespans: Lifespans,
}

impl Client {
    /// A client of which nothing is known but its name.
    #[must_use]
    pub fn new(id: ClientId) -> Self {
        let never_written = Timestamp::from_secs(0);
        Self {
            row_id: id.to_string(),
            id,
            version: ClientVersion(1),
            secret: SecretHash::default(),
            registration_signature: String::new(),
            created_at: never_written,
            updated_at: never_written,
            name: String::new(),
            owner: String::new(),
            scope: String::new(),
            redirect_uris: Vec::new(),
            grant_types: Vec::new(),
            response_types: Vec::new(),
            audience: Vec::new(),
            allowed_cors_origins: Vec::new(),
            contacts: Vec::new(),
            request_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            client_uri: String::new(),
            logo_uri: String::new(),
            policy_uri: String::new(),
            tos_uri: String::new(),
            subject_type: String::new(),
            sector_identifier_uri: String::new(),
            jwks: None,
            jwks_uri: String::new(),
            token_endpoint_auth_method: String::new(),
            token_endpoint_auth_signing_alg: String::new(),
            request_object_signing_alg: String::new(),
            userinfo_signed_response_alg: String::new(),
            frontchannel_logout_uri: String::new(),
            frontchannel_logout_session_required: false,
            backchannel_logout_uri: String::new(),
            backchannel_logout_session_required: false,
            metadata: "{}".to_owned(),
            lifespans: Lifespans::default(),
        }
    }

    /// How it authenticates at the token endpoint.
    #[must_use]
    pub fn auth_method(&self) -> &str {
        or(&self.token_endpoint_auth_method, DEFAULT_AUTH_METHOD)
    }

    /// The algorithm of its client assertions (RFC 7523 §2.2).
    #[must_use]
    pub fn auth_signing_alg(&self) -> &str {
        or(&self.token_endpoint_auth_signing_alg, "RS256")
    }

    /// The algorithm that its request objects must have, if it insists on one.
    #[must_use]
    pub fn request_object_alg(&self) -> Option<&str> {
        Some(self.request_object_signing_alg.as_str()).filter(|alg| !alg.is_empty())
    }

    /// Whether it has no way to keep a secret (RFC 6749 §2.1). Hydra: the authentication method
    /// `none`, and nothing else, says so.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == "none"
    }

    /// Whether it may use a grant, in any letter case; without registered grants that is
    /// `authorization_code` alone.
    #[must_use]
    pub fn has_grant_type(&self, grant: &str) -> bool {
        if self.grant_types.is_empty() {
            return grant.eq_ignore_ascii_case("authorization_code");
        }
        self.grant_types
            .iter()
            .any(|registered| registered.eq_ignore_ascii_case(grant))
    }

    /// The response types that it may ask for; `code` if it registered none.
    #[must_use]
    pub fn response_types(&self) -> Vec<&str> {
        if self.response_types.is_empty() {
            return vec!["code"];
        }
        self.response_types.iter().map(String::as_str).collect()
    }

    /// The scopes that it may ask for.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        Scopes::parse(&self.scope)
    }

    /// The number in the names of its CSRF cookies. Hydra: Murmur3 of the row's UUID, so that
    /// flows of different clients run side by side in one browser.
    #[must_use]
    pub fn cookie_number(&self) -> u32 {
        match uuid_bytes(&self.row_id) {
            Some(bytes) => murmur3(&bytes),
            None => murmur3(self.row_id.as_bytes()),
        }
    }
}

fn or<'a>(text: &'a str, default: &'a str) -> &'a str {
    if text.is_empty() { default } else { text }
}

fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    let hex = text.replace('-', "");
    if hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(&hex, 16).ok().map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        Client::new(ClientId::new("0b9f6b8e-5a1c-4b0e-9d5e-0d8b8f1a2c3d"))
    }

    #[test]
    fn what_is_not_registered_has_a_default() {
        let client = client();
        assert_eq!(client.auth_method(), "client_secret_basic");
        assert_eq!(client.auth_signing_alg(), "RS256");
        assert_eq!(client.request_object_alg(), None);
        assert_eq!(client.response_types(), ["code"]);
        assert!(client.has_grant_type("authorization_code"));
        assert!(!client.has_grant_type("refresh_token"));
        assert!(client.scopes().is_empty());
    }

    #[test]
    fn grants_are_known_in_any_letter_case_and_replace_the_default() {
        for (registered, asked, has) in [
            (vec!["REFRESH_token"], "refresh_token", true),
            (vec!["refresh_token"], "authorization_code", false),
            (vec![""], "authorization_code", false),
            (vec![], "Authorization_Code", true),
        ] {
            let mut client = client();
            client.grant_types = registered.iter().map(|&g| g.to_owned()).collect();
            assert_eq!(client.has_grant_type(asked), has, "{registered:?} {asked}");
        }
    }

    #[test]
    fn only_the_method_none_makes_a_client_public() {
        for (method, public) in [("none", true), ("None", false), ("", false)] {
            let mut client = client();
            client.token_endpoint_auth_method = method.to_owned();
            assert_eq!(client.is_public(), public, "{method}");
        }
    }

    #[test]
    fn cookie_numbers_are_those_of_the_row() {
        let mut client = client();
        let bytes: [u8; 16] = 0x0b9f_6b8e_5a1c_4b0e_9d5e_0d8b_8f1a_2c3d_u128.to_be_bytes();
        assert_eq!(client.cookie_number(), murmur3(&bytes));
        client.row_id = "no uuid".to_owned();
        assert_eq!(client.cookie_number(), murmur3(b"no uuid"));
    }
}

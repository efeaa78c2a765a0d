use serde::Serialize;

/// What a server says of itself (OpenID Connect Discovery §3), in Hydra's order of members.
#[derive(Clone, Debug, Serialize)]
pub struct Discovery<'a> {
    /// The issuer of all tokens.
    pub issuer: &'a str,
    /// Where browsers begin.
    pub authorization_endpoint: &'a str,
    /// Where clients register themselves (RFC 7591).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_endpoint: Option<&'a str>,
    /// Where tokens are fetched.
    pub token_endpoint: &'a str,
    /// Where the public keys are.
    pub jwks_uri: &'a str,
    /// `public`, `pairwise`.
    pub subject_types_supported: &'a [String],
    /// What clients may ask for; each entry is a whole `response_type`.
    pub response_types_supported: &'a [&'a str],
    /// The claims of ID tokens.
    pub claims_supported: &'a [String],
    /// How tokens are asked for.
    pub grant_types_supported: &'a [&'a str],
    /// How answers come back.
    pub response_modes_supported: &'a [&'a str],
    /// Where claims are fetched.
    pub userinfo_endpoint: &'a str,
    /// Scopes that clients may ask for.
    pub scopes_supported: &'a [String],
    /// How clients authenticate.
    pub token_endpoint_auth_methods_supported: &'a [&'a str],
    /// How userinfo is signed.
    pub userinfo_signing_alg_values_supported: &'a [&'a str],
    /// How ID tokens are signed.
    pub id_token_signing_alg_values_supported: &'a [&'a str],
    /// How ID tokens are signed just now.
    pub id_token_signed_response_alg: &'a [&'a str],
    /// How userinfo is signed just now.
    pub userinfo_signed_response_alg: &'a [&'a str],
    /// Whether request objects may come by value.
    pub request_parameter_supported: bool,
    /// Whether request objects may come by reference.
    pub request_uri_parameter_supported: bool,
    /// Whether such references have to be registered.
    pub require_request_uri_registration: bool,
    /// Whether single claims may be asked for.
    pub claims_parameter_supported: bool,
    /// Where tokens are given back (RFC 7009).
    pub revocation_endpoint: &'a str,
    /// Whether clients are told of logouts.
    pub backchannel_logout_supported: bool,
    /// Whether they are told which session ended.
    pub backchannel_logout_session_supported: bool,
    /// Whether clients are told of logouts through the browser.
    pub frontchannel_logout_supported: bool,
    /// Whether they are told which session ended.
    pub frontchannel_logout_session_supported: bool,
    /// Where logouts begin.
    pub end_session_endpoint: &'a str,
    /// How request objects may be signed.
    pub request_object_signing_alg_values_supported: &'a [&'a str],
    /// How codes are bound to whoever asked for them (RFC 7636).
    pub code_challenge_methods_supported: &'a [&'a str],
}

impl Discovery<'_> {
    /// [`Discovery::response_types_supported`] of this server.
    pub const RESPONSE_TYPES: [&'static str; 6] = [
        "code",
        "code id_token",
        "id_token",
        "token id_token",
        "token",
        "token id_token code",
    ];
    /// [`Discovery::grant_types_supported`] of this server.
    pub const GRANT_TYPES: [&'static str; 4] = [
        "authorization_code",
        "implicit",
        "client_credentials",
        "refresh_token",
    ];
    /// [`Discovery::response_modes_supported`] of this server.
    pub const RESPONSE_MODES: [&'static str; 2] = ["query", "fragment"];
    /// [`Discovery::token_endpoint_auth_methods_supported`] of this server.
    pub const AUTH_METHODS: [&'static str; 4] = [
        "client_secret_post",
        "client_secret_basic",
        "private_key_jwt",
        "none",
    ];
    /// [`Discovery::request_object_signing_alg_values_supported`] of this server.
    pub const REQUEST_OBJECT_ALGS: [&'static str; 3] = ["none", "RS256", "ES256"];
    /// [`Discovery::code_challenge_methods_supported`] of this server.
    pub const CHALLENGE_METHODS: [&'static str; 2] = ["plain", "S256"];
}

#[cfg(test)]
mod tests {
    use super::Discovery;
    use crate::to_go_json;

    #[test]
    fn members_are_in_hydra_s_order() {
        let algs = ["RS256"];
        let texts = ["x".to_owned()];
        let document = Discovery {
            issuer: "i",
            authorization_endpoint: "a",
            registration_endpoint: None,
            token_endpoint: "t",
            jwks_uri: "j",
            subject_types_supported: &texts,
            response_types_supported: &Discovery::RESPONSE_TYPES,
            claims_supported: &texts,
            grant_types_supported: &Discovery::GRANT_TYPES,
            response_modes_supported: &Discovery::RESPONSE_MODES,
            userinfo_endpoint: "u",
            scopes_supported: &texts,
            token_endpoint_auth_methods_supported: &Discovery::AUTH_METHODS,
            userinfo_signing_alg_values_supported: &["none", "RS256"],
            id_token_signing_alg_values_supported: &algs,
            id_token_signed_response_alg: &algs,
            userinfo_signed_response_alg: &algs,
            request_parameter_supported: true,
            request_uri_parameter_supported: true,
            require_request_uri_registration: true,
            claims_parameter_supported: false,
            revocation_endpoint: "r",
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
            frontchannel_logout_supported: true,
            frontchannel_logout_session_supported: true,
            end_session_endpoint: "e",
            request_object_signing_alg_values_supported: &Discovery::REQUEST_OBJECT_ALGS,
            code_challenge_methods_supported: &Discovery::CHALLENGE_METHODS,
        };
        let text = to_go_json(&document);
        assert!(text.starts_with(
            r#"{"issuer":"i","authorization_endpoint":"a","token_endpoint":"t","jwks_uri":"j","subject_types_supported":["x"],"response_types_supported":["code","#
        ));
        assert!(text.ends_with(
            r#""request_object_signing_alg_values_supported":["none","RS256","ES256"],"code_challenge_methods_supported":["plain","S256"]}"#
        ));
    }
}

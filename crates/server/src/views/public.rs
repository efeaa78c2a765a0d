use api_types::public::{ActiveToken, Discovery};

/// What introspection tells about a good token.
///
/// Hydra: a refresh token that never ends shows the time at which it was made.
pub(crate) fn introspection(token: &provider::ActiveToken) -> ActiveToken<'_> {
    ActiveToken {
        active: true,
        scope: &token.scope,
        client_id: &token.client_id,
        sub: &token.sub,
        obfuscated_subject: token.obfuscated_subject.as_deref(),
        exp: token.exp.unwrap_or(token.iat),
        iat: token.iat,
        nbf: token.iat,
        aud: &token.aud,
        iss: &token.iss,
        token_type: "Bearer",
        token_use: token.token_use,
        ext: &token.ext,
    }
}

/// The lists of algorithms that a discovery document borrows.
pub(crate) struct Algs<'a>([&'a str; 2]);

impl<'a> Algs<'a> {
    pub(crate) fn of(found: &'a provider::Discovery) -> Self {
        Self(["none", &found.signing_alg])
    }
}

/// The discovery document.
pub(crate) fn discovery<'a>(found: &'a provider::Discovery, algs: &'a Algs<'a>) -> Discovery<'a> {
    let says = &found.policy;
    let signing = algs.0.get(1..).unwrap_or_default();
    Discovery {
        issuer: &says.issuer,
        authorization_endpoint: &says.authorization_endpoint,
        registration_endpoint: says.registration_endpoint.as_deref(),
        token_endpoint: &says.token_endpoint,
        jwks_uri: &says.jwks_uri,
        subject_types_supported: &says.subject_types,
        response_types_supported: &Discovery::RESPONSE_TYPES,
        claims_supported: &found.claims_supported,
        grant_types_supported: &Discovery::GRANT_TYPES,
        response_modes_supported: &Discovery::RESPONSE_MODES,
        userinfo_endpoint: &says.userinfo_endpoint,
        scopes_supported: &found.scopes_supported,
        token_endpoint_auth_methods_supported: &Discovery::AUTH_METHODS,
        userinfo_signing_alg_values_supported: &algs.0,
        id_token_signing_alg_values_supported: signing,
        id_token_signed_response_alg: signing,
        userinfo_signed_response_alg: signing,
        request_parameter_supported: true,
        request_uri_parameter_supported: true,
        require_request_uri_registration: true,
        claims_parameter_supported: false,
        revocation_endpoint: &says.revocation_endpoint,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        frontchannel_logout_supported: true,
        frontchannel_logout_session_supported: true,
        end_session_endpoint: &says.end_session_endpoint,
        request_object_signing_alg_values_supported: &Discovery::REQUEST_OBJECT_ALGS,
        code_challenge_methods_supported: &Discovery::CHALLENGE_METHODS,
    }
}

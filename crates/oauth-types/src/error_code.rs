/// Every error that a caller can see: its wire name, status and standing texts.
///
/// The texts are part of the interface (clients compare them), so they stand here and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// `invalid_request`, status 400. RFC 6749 §4.1.2.1 and §5.2.
    InvalidRequest,
    /// `unauthorized_client`, status 400. RFC 6749 §5.2.
    UnauthorizedClient,
    /// `access_denied`, status 403. RFC 6749 §4.1.2.1.
    AccessDenied,
    /// `unsupported_response_type`, status 400. RFC 6749 §4.1.2.1.
    UnsupportedResponseType,
    /// `unsupported_response_mode`, status 400. OAuth 2.0 Multiple Response Types.
    UnsupportedResponseMode,
    /// `invalid_scope`, status 400. RFC 6749 §5.2.
    InvalidScope,
    /// `server_error`, status 500. RFC 6749 §4.1.2.1.
    ServerError,
    /// `temporarily_unavailable`, status 503. RFC 6749 §4.1.2.1.
    TemporarilyUnavailable,
    /// `unsupported_grant_type`, status 400. RFC 6749 §5.2.
    UnsupportedGrantType,
    /// `invalid_grant`, status 400. RFC 6749 §5.2.
    InvalidGrant,
    /// `invalid_client`, status 401. RFC 6749 §5.2.
    InvalidClient,
    /// `invalid_state`, status 400. Hydra's own.
    InvalidState,
    /// `misconfiguration`, status 500. Hydra's own.
    Misconfiguration,
    /// `insufficient_entropy`, status 400. Hydra's own.
    InsufficientEntropy,
    /// `not_found`, status 404. Hydra's own.
    NotFound,
    /// `request_unauthorized`, status 401. Hydra's own.
    RequestUnauthorized,
    /// `request_forbidden`, status 403. Hydra's own.
    RequestForbidden,
    /// `token_signature_mismatch`, status 400. Hydra's own; the two blanks are on the wire.
    TokenSignatureMismatch,
    /// `invalid_token`, status 400. RFC 6750 §3.1.
    InvalidTokenFormat,
    /// `invalid_token`, status 401. RFC 6750 §3.1.
    TokenExpired,
    /// `scope_not_granted`, status 403. Hydra's own.
    ScopeNotGranted,
    /// `token_claim`, status 401. Hydra's own.
    TokenClaim,
    /// `token_inactive`, status 401. Hydra's own.
    TokenInactive,
    /// `login_required`, status 400. OpenID Connect Core §3.1.2.6.
    LoginRequired,
    /// `interaction_required`, status 400. OpenID Connect Core §3.1.2.6.
    InteractionRequired,
    /// `consent_required`, status 400. OpenID Connect Core §3.1.2.6.
    ConsentRequired,
    /// `request_not_supported`, status 400. OpenID Connect Core §3.1.2.6.
    RequestNotSupported,
    /// `request_uri_not_supported`, status 400. OpenID Connect Core §3.1.2.6.
    RequestUriNotSupported,
    /// `registration_not_supported`, status 400. OpenID Connect Core §3.1.2.6.
    RegistrationNotSupported,
    /// `invalid_request_uri`, status 400. OpenID Connect Core §3.1.2.6.
    InvalidRequestUri,
    /// `invalid_request_object`, status 400. OpenID Connect Core §3.1.2.6.
    InvalidRequestObject,
    /// `jti_known`, status 400. Hydra's own.
    JtiKnown,
    /// `invalid_client_metadata`, status 400. RFC 7591 §3.2.2.
    InvalidClientMetadata,
    /// `invalid_redirect_uri`, status 400. RFC 7591 §3.2.2.
    InvalidRedirectUri,
    /// `missing_required_parameter`, status 400. Hydra's own.
    MissingRequiredParameter,
    /// `Not Found`, status 404. Hydra's own: key sets, login and consent requests.
    ResourceNotFound,
    /// `Unable to locate the resource`, status 404. Hydra's own: clients, keys, logout requests.
    RowNotFound,
    /// `Conflict`, status 409. Hydra's own.
    Conflict,
    /// `Unable to insert or update resource because a resource with that value exists already`, status 409. Hydra's own.
    Duplicate,
    /// `The request was malformed or contained invalid parameters`, status 400. Hydra's own; the hint is the description.
    Malformed,
    /// `The request could not be authorized`, status 401. Hydra's own; the hint is the description.
    NotAuthorized,
    /// `The requested action was forbidden`, status 403. Hydra's own; the hint is the description.
    Forbidden,
    /// `The requested resource could not be found`, status 404. Hydra's own; the hint is the description.
    SwitchedOff,
    /// `Bad Request`, status 400. Hydra's own; the hint is the description.
    BadRequest,
    /// `error`, status 500. Hydra's own: whatever has no name.
    Unrecognizable,
}

impl ErrorCode {
    /// The value of `error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status where the error is a JSON body.
    #[must_use]
    pub fn status(self) -> u16 {
        self.row().1
    }

    /// What every such error says.
    #[must_use]
    pub fn description(self) -> &'static str {
        self.row().2
    }

    /// What is added unless the cause has a hint of its own; may be empty.
    #[must_use]
    pub fn default_hint(self) -> &'static str {
        self.row().3
    }

    #[rustfmt::skip] // A table reads best with a row to a line.
    fn row(self) -> (&'static str, u16, &'static str, &'static str) {
        match self {
            Self::InvalidRequest => ("invalid_request", 400, "The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed.", "Make sure that the various parameters are correct, be aware of case sensitivity and trim your parameters. Make sure that the client you are using has exactly whitelisted the redirect_uri you specified."),
            Self::UnauthorizedClient => ("unauthorized_client", 400, "The client is not authorized to request a token using this method.", "Make sure that client id and secret are correctly specified and that the client exists."),
            Self::AccessDenied => ("access_denied", 403, "The resource owner or authorization server denied the request.", "Make sure that the request you are making is valid. Maybe the credential or request parameters you are using are limited in scope or otherwise restricted."),
            Self::UnsupportedResponseType => ("unsupported_response_type", 400, "The authorization server does not support obtaining a token using this method.", ""),
            Self::UnsupportedResponseMode => ("unsupported_response_mode", 400, "The authorization server does not support obtaining a response using this response mode.", ""),
            Self::InvalidScope => ("invalid_scope", 400, "The requested scope is invalid, unknown, or malformed.", ""),
            Self::ServerError => ("server_error", 500, "The authorization server encountered an unexpected condition that prevented it from fulfilling the request.", ""),
            Self::TemporarilyUnavailable => ("temporarily_unavailable", 503, "The authorization server is currently unable to handle the request due to a temporary overloading or maintenance of the server.", ""),
            Self::UnsupportedGrantType => ("unsupported_grant_type", 400, "The authorization grant type is not supported by the authorization server.", ""),
            Self::InvalidGrant => ("invalid_grant", 400, "The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.", ""),
            Self::InvalidClient => ("invalid_client", 401, "Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method).", ""),
            Self::InvalidState => ("invalid_state", 400, "The state is missing or does not have enough characters and is therefore considered too weak.", ""),
            Self::Misconfiguration => ("misconfiguration", 500, "The request failed because of an internal error that is probably caused by misconfiguration.", ""),
            Self::InsufficientEntropy => ("insufficient_entropy", 400, "The request used a security parameter (e.g., anti-replay, anti-csrf) with insufficient entropy.", ""),
            Self::NotFound => ("not_found", 404, "Could not find the requested resource(s).", ""),
            Self::RequestUnauthorized => ("request_unauthorized", 401, "The request could not be authorized.", "Check that you provided valid credentials in the right format."),
            Self::RequestForbidden => ("request_forbidden", 403, "The request is not allowed.", "You are not allowed to perform this action."),
            Self::TokenSignatureMismatch => ("token_signature_mismatch", 400, "Token signature mismatch.", "Check that you provided  a valid token in the right format."),
            Self::InvalidTokenFormat => ("invalid_token", 400, "Invalid token format.", "Check that you provided a valid token in the right format."),
            Self::TokenExpired => ("invalid_token", 401, "Token expired.", "The token expired."),
            Self::ScopeNotGranted => ("scope_not_granted", 403, "The token was not granted the requested scope.", "The resource owner did not grant the requested scope."),
            Self::TokenClaim => ("token_claim", 401, "The token failed validation due to a claim mismatch.", "One or more token claims failed validation."),
            Self::TokenInactive => ("token_inactive", 401, "Token is inactive because it is malformed, expired or otherwise invalid.", "Token validation failed."),
            Self::LoginRequired => ("login_required", 400, "The Authorization Server requires End-User authentication.", ""),
            Self::InteractionRequired => ("interaction_required", 400, "The Authorization Server requires End-User interaction of some form to proceed.", ""),
            Self::ConsentRequired => ("consent_required", 400, "The Authorization Server requires End-User consent.", ""),
            Self::RequestNotSupported => ("request_not_supported", 400, "The OP does not support use of the request parameter.", ""),
            Self::RequestUriNotSupported => ("request_uri_not_supported", 400, "The OP does not support use of the request_uri parameter.", ""),
            Self::RegistrationNotSupported => ("registration_not_supported", 400, "The OP does not support use of the registration parameter.", ""),
            Self::InvalidRequestUri => ("invalid_request_uri", 400, "The request_uri in the Authorization Request returns an error or contains invalid data.", ""),
            Self::InvalidRequestObject => ("invalid_request_object", 400, "The request parameter contains an invalid Request Object.", ""),
            Self::JtiKnown => ("jti_known", 400, "The jti was already used.", ""),
            Self::InvalidClientMetadata => ("invalid_client_metadata", 400, "The value of one of the Client Metadata fields is invalid and the server has rejected this request. Note that an Authorization Server MAY choose to substitute a valid value for any requested parameter of a Client's Metadata.", ""),
            Self::InvalidRedirectUri => ("invalid_redirect_uri", 400, "The value of one or more redirect_uris is invalid.", ""),
            Self::MissingRequiredParameter => ("missing_required_parameter", 400, "One of the required parameters is missing. Check your request parameters.", ""),
            Self::ResourceNotFound => ("Not Found", 404, "Unable to locate the requested resource", ""),
            Self::RowNotFound => ("Unable to locate the resource", 404, "", ""),
            Self::Conflict => ("Conflict", 409, "Unable to process the requested resource because of conflict in the current state", ""),
            Self::Duplicate => ("Unable to insert or update resource because a resource with that value exists already", 409, "", ""),
            Self::Malformed => ("The request was malformed or contained invalid parameters", 400, "", ""),
            Self::NotAuthorized => ("The request could not be authorized", 401, "", ""),
            Self::Forbidden => ("The requested action was forbidden", 403, "", ""),
            Self::SwitchedOff => ("The requested resource could not be found", 404, "", ""),
            Self::BadRequest => ("Bad Request", 400, "", ""),
            Self::Unrecognizable => ("error", 500, "The error is unrecognizable", ""),
        }
    }
}

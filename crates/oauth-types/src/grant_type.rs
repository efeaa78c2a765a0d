/// How tokens are asked for (RFC 6749 §4, RFC 7523 §2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantType {
    /// `authorization_code`, RFC 6749 §4.1.
    AuthorizationCode,
    /// `implicit`, RFC 6749 §4.2; asked for at the authorization endpoint only.
    Implicit,
    /// `refresh_token`, RFC 6749 §6.
    RefreshToken,
    /// `client_credentials`, RFC 6749 §4.4.
    ClientCredentials,
    /// `urn:ietf:params:oauth:grant-type:jwt-bearer`, RFC 7523 §2.1.
    JwtBearer,
    /// Any other text.
    Other(String),
}

impl GrantType {
    /// Reads the wire form; letter case counts.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "authorization_code" => Self::AuthorizationCode,
            "implicit" => Self::Implicit,
            "refresh_token" => Self::RefreshToken,
            "client_credentials" => Self::ClientCredentials,
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => Self::JwtBearer,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The wire form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::Implicit => "implicit",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::Other(other) => other,
        }
    }
}

use serde::Serialize;
use serde_json::{Map, Value};

use crate::sorted::sorted;

/// What introspection tells about every token that is not good (RFC 7662 §2.2).
#[derive(Clone, Copy, Debug, Serialize)]
pub struct InactiveToken {
    active: bool,
}

impl InactiveToken {
    /// `{"active":false}`.
    pub const ANSWER: Self = Self { active: false };
}

/// What introspection tells about a good token (RFC 7662 §2.2).
#[derive(Clone, Debug, Serialize)]
pub struct ActiveToken<'a> {
    /// Always `true`.
    pub active: bool,
    /// Granted scopes, joined.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub scope: &'a str,
    /// Whose token it is.
    pub client_id: &'a str,
    /// The real subject; for machines the client id.
    pub sub: &'a str,
    /// The subject as the client sees it, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obfuscated_subject: Option<&'a str>,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was made.
    pub iat: i64,
    /// From when on it is good.
    pub nbf: i64,
    /// Granted audiences; never left out.
    pub aud: &'a [String],
    /// The issuer.
    pub iss: &'a str,
    /// `Bearer`. Hydra: also for refresh tokens.
    pub token_type: &'static str,
    /// `access_token` or `refresh_token`.
    pub token_use: &'static str,
    /// Custom claims.
    #[serde(skip_serializing_if = "Map::is_empty", serialize_with = "sorted")]
    pub ext: &'a Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::to_go_json;

    #[test]
    fn members_are_in_the_order_of_the_document() {
        let mut ext = Map::new();
        let aud = vec!["api".to_owned()];
        let token = ActiveToken {
            active: true,
            scope: "",
            client_id: "c",
            sub: "s",
            obfuscated_subject: None,
            exp: 3,
            iat: 1,
            nbf: 2,
            aud: &[],
            iss: "i",
            token_type: "Bearer",
            token_use: "access_token",
            ext: &ext.clone(),
        };
        assert_eq!(
            to_go_json(&token),
            r#"{"active":true,"client_id":"c","sub":"s","exp":3,"iat":1,"nbf":2,"aud":[],"iss":"i","token_type":"Bearer","token_use":"access_token"}"#
        );
        ext.insert("a".into(), 1.into());
        let token = ActiveToken {
            scope: "read",
            obfuscated_subject: Some("o"),
            aud: &aud,
            ext: &ext,
            ..token
        };
        assert_eq!(
            to_go_json(&token),
            r#"{"active":true,"scope":"read","client_id":"c","sub":"s","obfuscated_subject":"o","exp":3,"iat":1,"nbf":2,"aud":["api"],"iss":"i","token_type":"Bearer","token_use":"access_token","ext":{"a":1}}"#
        );
        assert_eq!(to_go_json(&InactiveToken::ANSWER), r#"{"active":false}"#);
    }
}

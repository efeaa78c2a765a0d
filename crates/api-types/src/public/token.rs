use serde::Serialize;

/// A successful answer of the token endpoint (RFC 6749 §5.1), members in alphabetical order.
///
/// It borrows what it tells, since tokens are not to lie about in copies; it has no `Debug`.
#[derive(Serialize)]
pub struct TokenResponse<'a> {
    /// The access token.
    pub access_token: &'a str,
    /// Seconds for which it is good.
    pub expires_in: i64,
    /// The ID token (OpenID Connect Core §3.1.3.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<&'a str>,
    /// The refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<&'a str>,
    /// Granted scopes, joined; never left out.
    pub scope: &'a str,
    /// `bearer`. Hydra: in lower case.
    pub token_type: &'static str,
}

#[cfg(test)]
mod tests {
    use super::TokenResponse;
    use crate::to_go_json;

    #[test]
    fn members_are_in_alphabetical_order_and_absent_tokens_are_left_out() {
        let mut answer = TokenResponse {
            access_token: "a",
            expires_in: 3599,
            id_token: None,
            refresh_token: None,
            scope: "",
            token_type: "bearer",
        };
        assert_eq!(
            to_go_json(&answer),
            r#"{"access_token":"a","expires_in":3599,"scope":"","token_type":"bearer"}"#
        );
        answer.id_token = Some("i");
        answer.refresh_token = Some("r");
        assert_eq!(
            to_go_json(&answer),
            r#"{"access_token":"a","expires_in":3599,"id_token":"i","refresh_token":"r","scope":"","token_type":"bearer"}"#
        );
    }
}

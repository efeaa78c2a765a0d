//! What login, consent and logout apps are shown.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::ClientView;
use crate::raw::serialize_raw;
use crate::sorted::{sorted, sorted_if_any};

/// Where the browser goes next: the answer to every accept and reject, and of requests that have
/// moved on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RedirectTo<'a> {
    /// The address.
    pub redirect_to: &'a str,
}

/// OpenID Connect parameters of the request.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OidcContextView<'a> {
    /// How strongly the user should be authenticated.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub acr_values: &'a [String],
    /// Languages of the user.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub ui_locales: &'a [String],
    /// How to show the page.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub display: &'a str,
    /// Claims of the ID token that names the expected user.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "sorted_if_any"
    )]
    pub id_token_hint_claims: Option<&'a Map<String, Value>>,
    /// The name that the user may log in with.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub login_hint: &'a str,
}

/// A login request.
#[derive(Clone, Serialize)]
pub struct LoginRequestView<'a> {
    /// Its challenge.
    pub challenge: &'a str,
    /// Requested scopes.
    pub requested_scope: &'a [String],
    /// Requested audiences.
    pub requested_access_token_audience: &'a [String],
    /// Whether the user is known already and must not be asked.
    pub skip: bool,
    /// Who it is then.
    pub subject: &'a str,
    /// OpenID Connect parameters.
    pub oidc_context: OidcContextView<'a>,
    /// Who asks.
    pub client: ClientView<'a>,
    /// Where the flow began.
    pub request_url: &'a str,
    /// The login session.
    pub session_id: &'a str,
}

/// A consent request.
#[derive(Clone, Serialize)]
pub struct ConsentRequestView<'a> {
    /// Its challenge.
    pub challenge: &'a str,
    /// Requested scopes.
    pub requested_scope: &'a [String],
    /// Requested audiences.
    pub requested_access_token_audience: &'a [String],
    /// Whether a remembered consent covers it.
    pub skip: bool,
    /// The user.
    pub subject: &'a str,
    /// OpenID Connect parameters.
    pub oidc_context: OidcContextView<'a>,
    /// Who asks.
    pub client: ClientView<'a>,
    /// Where the flow began.
    pub request_url: &'a str,
    /// The login request before it.
    pub login_challenge: &'a str,
    /// The login session.
    pub login_session_id: &'a str,
    /// How strongly the user was authenticated.
    pub acr: &'a str,
    /// By which means.
    pub amr: &'a [String],
    /// What the login app left, JSON; `None` is `null`.
    #[serde(serialize_with = "raw_or_null")]
    pub context: Option<&'a str>,
}

/// A logout request.
#[derive(Clone, Serialize)]
pub struct LogoutRequestView<'a> {
    /// Its challenge.
    pub challenge: &'a str,
    /// The user.
    pub subject: &'a str,
    /// The login session.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub sid: &'a str,
    /// Where the logout began. Hydra: path and query only.
    pub request_url: &'a str,
    /// Whether a client asked for it.
    pub rp_initiated: bool,
    /// Which one; `None` is `null`.
    pub client: Option<ClientView<'a>>,
}

/// Claims that a consent app gave.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SessionView<'a> {
    /// For access tokens.
    #[serde(serialize_with = "sorted")]
    pub access_token: &'a Map<String, Value>,
    /// For ID tokens.
    #[serde(serialize_with = "sorted")]
    pub id_token: &'a Map<String, Value>,
}

/// A consent that was given.
#[derive(Clone, Serialize)]
pub struct ConsentSessionView<'a> {
    /// Granted scopes.
    pub grant_scope: &'a [String],
    /// Granted audiences.
    pub grant_access_token_audience: &'a [String],
    /// Claims for tokens.
    pub session: SessionView<'a>,
    /// Whether it is remembered.
    pub remember: bool,
    /// For how many seconds; 0: for ever.
    pub remember_for: i64,
    /// When it was given, RFC 3339; `None` is `null`.
    pub handled_at: Option<String>,
    /// The request that it answered.
    pub consent_request: ConsentRequestView<'a>,
}

fn raw_or_null<S: Serializer>(text: &Option<&str>, serializer: S) -> Result<S::Ok, S::Error> {
    serialize_raw(text.unwrap_or("null"), serializer)
}

#[cfg(test)]
mod tests {
    use super::super::client_view::tests::bare;
    use super::*;
    use crate::to_go_json;

    fn without_client(json: &str) -> String {
        json.replace(&to_go_json(&bare()), "CLIENT")
    }

    fn consent() -> ConsentRequestView<'static> {
        ConsentRequestView {
            challenge: "c",
            requested_scope: &[],
            requested_access_token_audience: &[],
            skip: false,
            subject: "s",
            oidc_context: OidcContextView::default(),
            client: bare(),
            request_url: "u&v",
            login_challenge: "l",
            login_session_id: "",
            acr: "",
            amr: &[],
            context: None,
        }
    }

    #[test]
    fn login_requests_show_what_is_empty_but_in_the_context() {
        let view = LoginRequestView {
            challenge: "c",
            requested_scope: &[],
            requested_access_token_audience: &[],
            skip: false,
            subject: "",
            oidc_context: OidcContextView::default(),
            client: bare(),
            request_url: "u",
            session_id: "",
        };
        assert_eq!(
            without_client(&to_go_json(&view)),
            r#"{"challenge":"c","requested_scope":[],"requested_access_token_audience":[],"skip":false,"subject":"","oidc_context":{},"client":CLIENT,"request_url":"u","session_id":""}"#
        );
    }

    #[test]
    fn consent_requests_pass_the_context_on() {
        assert_eq!(
            without_client(&to_go_json(&consent())),
            r#"{"challenge":"c","requested_scope":[],"requested_access_token_audience":[],"skip":false,"subject":"s","oidc_context":{},"client":CLIENT,"request_url":"u\u0026v","login_challenge":"l","login_session_id":"","acr":"","amr":[],"context":null}"#
        );
        let context = ConsentRequestView {
            context: Some("{ \"a\": 1.10 }"),
            ..consent()
        };
        assert!(to_go_json(&context).ends_with(r#""context":{"a":1.10}}"#));
    }

    #[test]
    fn logout_requests_of_nobody_have_a_null_client_and_may_lack_a_session() {
        let mut view = LogoutRequestView {
            challenge: "c",
            subject: "s",
            sid: "",
            request_url: "/u",
            rp_initiated: false,
            client: None,
        };
        assert_eq!(
            to_go_json(&view),
            r#"{"challenge":"c","subject":"s","request_url":"/u","rp_initiated":false,"client":null}"#
        );
        view.sid = "i";
        view.client = Some(bare());
        assert_eq!(
            without_client(&to_go_json(&view)),
            r#"{"challenge":"c","subject":"s","sid":"i","request_url":"/u","rp_initiated":false,"client":CLIENT}"#
        );
    }

    #[test]
    fn consent_sessions_hold_their_request() {
        let empty = Map::new();
        let view = ConsentSessionView {
            grant_scope: &[],
            grant_access_token_audience: &[],
            session: SessionView {
                access_token: &empty,
                id_token: &empty,
            },
            remember: true,
            remember_for: 0,
            handled_at: None,
            consent_request: consent(),
        };
        assert!(to_go_json(&view).starts_with(
            r#"{"grant_scope":[],"grant_access_token_audience":[],"session":{"access_token":{},"id_token":{}},"remember":true,"remember_for":0,"handled_at":null,"consent_request":{"challenge":"c","#
        ));
    }

    #[test]
    fn hints_are_shown_where_there_are_any() {
        let (acr, claims) = (["x".to_owned()], Map::new());
        let view = OidcContextView {
            acr_values: &acr,
            ui_locales: &acr,
            display: "page",
            id_token_hint_claims: Some(&claims),
            login_hint: "me",
        };
        assert_eq!(
            to_go_json(&view),
            r#"{"acr_values":["x"],"ui_locales":["x"],"display":"page","id_token_hint_claims":{},"login_hint":"me"}"#
        );
    }
}

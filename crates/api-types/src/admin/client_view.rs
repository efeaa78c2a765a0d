use serde::{Serialize, Serializer};

use super::{ClientBody, LifespanTexts};
use crate::raw::serialize_raw;

/// A client as answers show it: Hydra's members in Hydra's order.
///
/// It has no `Debug`, since it may show a new secret.
#[derive(Clone, Serialize)]
pub struct ClientView<'a> {
    /// Its id.
    pub client_id: &'a str,
    /// Its name.
    pub client_name: &'a str,
    /// A secret that was just made or chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<&'a str>,
    /// Where users may be sent back to; `None` is `null`, see [`ClientView::answering`].
    pub redirect_uris: Option<&'a [String]>,
    /// How it may ask for tokens; `None` is `null`.
    pub grant_types: Option<&'a [String]>,
    /// What it may ask the authorization endpoint for; `None` is `null`.
    pub response_types: Option<&'a [String]>,
    /// Its scopes, joined.
    pub scope: &'a str,
    /// Whom its access tokens may be meant for.
    pub audience: &'a [String],
    /// Whose it is.
    pub owner: &'a str,
    /// Its privacy policy.
    pub policy_uri: &'a str,
    /// Where browsers may call from.
    pub allowed_cors_origins: &'a [String],
    /// Its terms.
    pub tos_uri: &'a str,
    /// Its home page.
    pub client_uri: &'a str,
    /// Its picture.
    pub logo_uri: &'a str,
    /// Who answers for it; `None` is `null`.
    pub contacts: Option<&'a [String]>,
    /// Always 0: secrets do not expire.
    pub client_secret_expires_at: i64,
    /// `public` or `pairwise`.
    pub subject_type: &'a str,
    /// Where its sector's redirect URIs are listed.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub sector_identifier_uri: &'a str,
    /// Where its keys are.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub jwks_uri: &'a str,
    /// Its keys, JSON.
    #[serde(serialize_with = "raw")]
    pub jwks: &'a str,
    /// How it authenticates.
    pub token_endpoint_auth_method: &'a str,
    /// How it signs assertions.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub token_endpoint_auth_signing_alg: &'a str,
    /// Where its request objects may lie.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub request_uris: &'a [String],
    /// How it signs them.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub request_object_signing_alg: &'a str,
    /// How userinfo is signed for it.
    pub userinfo_signed_response_alg: &'a str,
    /// When it was created, RFC 3339.
    pub created_at: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
    /// Where browsers tell it of logouts.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub frontchannel_logout_uri: &'a str,
    /// Whether it wants to be told which session.
    #[serde(skip_serializing_if = "is_false")]
    pub frontchannel_logout_session_required: bool,
    /// Where browsers may go after a logout.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub post_logout_redirect_uris: &'a [String],
    /// Where the server tells it of logouts.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub backchannel_logout_uri: &'a str,
    /// Whether it wants to be told which session.
    #[serde(skip_serializing_if = "is_false")]
    pub backchannel_logout_session_required: bool,
    /// Whatever its administrator noted, JSON; `None` where the reader may not know it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "raw_if_any")]
    pub metadata: Option<&'a str>,
    /// A token that was just made for its self-service (RFC 7592).
    #[serde(skip_serializing_if = "str::is_empty")]
    pub registration_access_token: &'a str,
    /// Where that service is.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub registration_client_uri: &'a str,
    /// Its lifespans.
    #[serde(flatten)]
    pub lifespans: LifespanTexts,
}

impl ClientView<'_> {
    /// The form of the answer to a create or replace. Hydra: of four lists it tells `null` for those
    /// that the body left out; later reads tell `[]`.
    #[must_use]
    pub fn answering(mut self, body: &ClientBody) -> Self {
        fn as_sent<'l>(
            list: Option<&'l [String]>,
            sent: Option<&Vec<String>>,
        ) -> Option<&'l [String]> {
            list.filter(|list| sent.is_some() || !list.is_empty())
        }
        self.redirect_uris = as_sent(self.redirect_uris, body.redirect_uris.as_ref());
        self.grant_types = as_sent(self.grant_types, body.grant_types.as_ref());
        self.response_types = as_sent(self.response_types, body.response_types.as_ref());
        self.contacts = as_sent(self.contacts, body.contacts.as_ref());
        self
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn raw<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serialize_raw(text, serializer)
}

fn raw_if_any<S: Serializer>(text: &Option<&str>, serializer: S) -> Result<S::Ok, S::Error> {
    serialize_raw(text.unwrap_or("null"), serializer)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{decode_first, to_go_json};

    pub(crate) fn bare() -> ClientView<'static> {
        ClientView {
            client_id: "c",
            client_name: "",
            client_secret: None,
            redirect_uris: Some(&[]),
            grant_types: Some(&[]),
            response_types: Some(&[]),
            scope: "openid",
            audience: &[],
            owner: "",
            policy_uri: "",
            allowed_cors_origins: &[],
            tos_uri: "",
            client_uri: "",
            logo_uri: "",
            contacts: Some(&[]),
            client_secret_expires_at: 0,
            subject_type: "public",
            sector_identifier_uri: "",
            jwks_uri: "",
            jwks: "{}",
            token_endpoint_auth_method: "client_secret_basic",
            token_endpoint_auth_signing_alg: "",
            request_uris: &[],
            request_object_signing_alg: "",
            userinfo_signed_response_alg: "none",
            created_at: "2023-01-05T10:20:30Z".into(),
            updated_at: "2023-01-05T10:20:30.417382Z".into(),
            frontchannel_logout_uri: "",
            frontchannel_logout_session_required: false,
            post_logout_redirect_uris: &[],
            backchannel_logout_uri: "",
            backchannel_logout_session_required: false,
            metadata: Some("{ }"),
            registration_access_token: "",
            registration_client_uri: "",
            lifespans: LifespanTexts::default(),
        }
    }

    const READ: &str = concat!(
        r#"{"client_id":"c","client_name":"","redirect_uris":[],"grant_types":[],"#,
        r#""response_types":[],"scope":"openid","audience":[],"owner":"","policy_uri":"","#,
        r#""allowed_cors_origins":[],"tos_uri":"","client_uri":"","logo_uri":"","contacts":[],"#,
        r#""client_secret_expires_at":0,"subject_type":"public","jwks":{},"#,
        r#""token_endpoint_auth_method":"client_secret_basic","#,
        r#""userinfo_signed_response_alg":"none","created_at":"2023-01-05T10:20:30Z","#,
        r#""updated_at":"2023-01-05T10:20:30.417382Z","metadata":{},"#,
        r#""authorization_code_grant_access_token_lifespan":null,"#,
        r#""authorization_code_grant_id_token_lifespan":null,"#,
        r#""authorization_code_grant_refresh_token_lifespan":null,"#,
        r#""client_credentials_grant_access_token_lifespan":null,"#,
        r#""implicit_grant_access_token_lifespan":null,"implicit_grant_id_token_lifespan":null,"#,
        r#""jwt_bearer_grant_access_token_lifespan":null,"#,
        r#""refresh_token_grant_id_token_lifespan":null,"#,
        r#""refresh_token_grant_access_token_lifespan":null,"#,
        r#""refresh_token_grant_refresh_token_lifespan":null}"#,
    );

    #[test]
    fn unset_members_are_shown_or_left_out_as_hydra_does() {
        assert_eq!(to_go_json(&bare()), READ);
    }

    #[test]
    fn all_members_stand_in_hydra_s_order() {
        let list = ["x".to_owned()];
        let full = ClientView {
            client_secret: Some("s"),
            sector_identifier_uri: "x",
            jwks_uri: "x",
            token_endpoint_auth_signing_alg: "x",
            request_uris: &list,
            request_object_signing_alg: "x",
            frontchannel_logout_uri: "x",
            frontchannel_logout_session_required: true,
            post_logout_redirect_uris: &list,
            backchannel_logout_uri: "x",
            backchannel_logout_session_required: true,
            registration_access_token: "x",
            registration_client_uri: "x",
            ..bare()
        };
        let text = to_go_json(&full);
        let mut rest = text.as_str();
        for name in [
            "client_id",
            "client_name",
            "client_secret",
            "redirect_uris",
            "contacts",
            "client_secret_expires_at",
            "subject_type",
            "sector_identifier_uri",
            "jwks_uri",
            "jwks",
            "token_endpoint_auth_method",
            "token_endpoint_auth_signing_alg",
            "request_uris",
            "request_object_signing_alg",
            "userinfo_signed_response_alg",
            "created_at",
            "updated_at",
            "frontchannel_logout_uri",
            "frontchannel_logout_session_required",
            "post_logout_redirect_uris",
            "backchannel_logout_uri",
            "backchannel_logout_session_required",
            "metadata",
            "registration_access_token",
            "registration_client_uri",
            "authorization_code_grant_access_token_lifespan",
            "refresh_token_grant_refresh_token_lifespan",
        ] {
            let at = rest.find(&format!("\"{name}\":"));
            assert!(at.is_some(), "{name} is missing or out of order");
            rest = &rest[at.unwrap_or_default()..];
        }
    }

    #[test]
    fn lists_that_the_body_left_out_are_null_in_the_answer_only() {
        let body: ClientBody = decode_first(br#"{"grant_types":[],"contacts":null}"#).unwrap();
        let text = to_go_json(&bare().answering(&body));
        assert!(text.contains(r#""redirect_uris":null,"grant_types":[],"response_types":null"#));
        assert!(text.contains(r#""contacts":null"#));
        assert!(text.contains(r#""audience":[]"#));
    }

    #[test]
    fn metadata_is_passed_on_compact_or_left_out() {
        let shown = |metadata| to_go_json(&ClientView { metadata, ..bare() });
        assert!(
            shown(Some("{ \"b\" : [1.10, \"<\"] }"))
                .contains(r#""metadata":{"b":[1.10,"\u003c"]}"#)
        );
        assert!(shown(Some("null")).contains(r#""metadata":null"#));
        assert!(!shown(None).contains("metadata"));
    }
}

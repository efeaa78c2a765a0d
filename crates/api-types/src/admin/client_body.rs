use oauth_types::{Secret, Timestamp};

use super::LifespanTexts;
use crate::RawJson;
use crate::decode::{Body, DecodeError, Members};

/// A client as an administrator or a registrant sends it, decoded and not yet judged.
///
/// Texts are empty where they are absent, which means the same; lists tell absent (or `null`) from
/// empty, because the answer does.
#[derive(Clone, Debug)]
pub struct ClientBody {
    /// `client_id`.
    pub client_id: String,
    /// `client_name`.
    pub client_name: String,
    /// `client_secret`; empty: none is sent.
    pub client_secret: Secret,
    /// `redirect_uris`.
    pub redirect_uris: Option<Vec<String>>,
    /// `grant_types`.
    pub grant_types: Option<Vec<String>>,
    /// `response_types`.
    pub response_types: Option<Vec<String>>,
    /// `scope`.
    pub scope: String,
    /// `audience`.
    pub audience: Option<Vec<String>>,
    /// `owner`.
    pub owner: String,
    /// `policy_uri`.
    pub policy_uri: String,
    /// `allowed_cors_origins`.
    pub allowed_cors_origins: Option<Vec<String>>,
    /// `tos_uri`.
    pub tos_uri: String,
    /// `client_uri`.
    pub client_uri: String,
    /// `logo_uri`.
    pub logo_uri: String,
    /// `contacts`.
    pub contacts: Option<Vec<String>>,
    /// `subject_type`.
    pub subject_type: String,
    /// `sector_identifier_uri`.
    pub sector_identifier_uri: String,
    /// `jwks_uri`.
    pub jwks_uri: String,
    /// `jwks` as it was sent; `None` if it is absent or `null`. Its keys are not looked at here.
    pub jwks: Option<RawJson>,
    /// `token_endpoint_auth_method`.
    pub token_endpoint_auth_method: String,
    /// `token_endpoint_auth_signing_alg`.
    pub token_endpoint_auth_signing_alg: String,
    /// `request_uris`.
    pub request_uris: Option<Vec<String>>,
    /// `request_object_signing_alg`.
    pub request_object_signing_alg: String,
    /// `userinfo_signed_response_alg`.
    pub userinfo_signed_response_alg: String,
    /// `created_at`, which only has to be a time.
    pub created_at: Option<Timestamp>,
    /// `frontchannel_logout_uri`.
    pub frontchannel_logout_uri: String,
    /// `frontchannel_logout_session_required`.
    pub frontchannel_logout_session_required: bool,
    /// `post_logout_redirect_uris`.
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// `backchannel_logout_uri`.
    pub backchannel_logout_uri: String,
    /// `backchannel_logout_session_required`.
    pub backchannel_logout_session_required: bool,
    /// `metadata` as it was sent, `null` included; `None` only if it is absent.
    pub metadata: Option<RawJson>,
    /// `registration_access_token`, which a replace echoes.
    pub registration_access_token: Secret,
    /// `registration_client_uri`, which a replace echoes.
    pub registration_client_uri: String,
    /// The ten lifespans.
    pub lifespans: LifespanTexts,
}

impl Body for ClientBody {
    fn read(members: &Members) -> Result<Self, DecodeError> {
        members.integer("client_secret_expires_at")?;
        members.time("updated_at")?;
        let text = |name| members.text_or_empty(name);
        let texts = |name| members.texts(name);
        Ok(Self {
            client_id: text("client_id")?,
            client_name: text("client_name")?,
            client_secret: Secret::new(text("client_secret")?),
            redirect_uris: texts("redirect_uris")?,
            grant_types: texts("grant_types")?,
            response_types: texts("response_types")?,
            scope: text("scope")?,
            audience: texts("audience")?,
            owner: text("owner")?,
            policy_uri: text("policy_uri")?,
            allowed_cors_origins: texts("allowed_cors_origins")?,
            tos_uri: text("tos_uri")?,
            client_uri: text("client_uri")?,
            logo_uri: text("logo_uri")?,
            contacts: texts("contacts")?,
            subject_type: text("subject_type")?,
            sector_identifier_uri: text("sector_identifier_uri")?,
            jwks_uri: text("jwks_uri")?,
            jwks: members.any("jwks").filter(|jwks| !jwks.is_null()),
            token_endpoint_auth_method: text("token_endpoint_auth_method")?,
            token_endpoint_auth_signing_alg: text("token_endpoint_auth_signing_alg")?,
            request_uris: texts("request_uris")?,
            request_object_signing_alg: text("request_object_signing_alg")?,
            userinfo_signed_response_alg: text("userinfo_signed_response_alg")?,
            created_at: members.time("created_at")?,
            frontchannel_logout_uri: text("frontchannel_logout_uri")?,
            frontchannel_logout_session_required: members
                .flag("frontchannel_logout_session_required")?,
            post_logout_redirect_uris: texts("post_logout_redirect_uris")?,
            backchannel_logout_uri: text("backchannel_logout_uri")?,
            backchannel_logout_session_required: members
                .flag("backchannel_logout_session_required")?,
            metadata: members.any("metadata"),
            registration_access_token: Secret::new(text("registration_access_token")?),
            registration_client_uri: text("registration_client_uri")?,
            lifespans: LifespanTexts::read(members)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_first;

    fn read(body: &str) -> Result<ClientBody, DecodeError> {
        decode_first(body.as_bytes())
    }

    #[test]
    fn every_member_of_the_wrong_type_makes_the_body_undecodable() {
        for body in [
            r#"{"client_id":1}"#,
            r#"{"client_name":{}}"#,
            r#"{"redirect_uris":"https://a.example.org/"}"#,
            r#"{"redirect_uris":[1,2]}"#,
            r#"{"scope":["openid"]}"#,
            r#"{"frontchannel_logout_session_required":"true"}"#,
            r#"{"backchannel_logout_session_required":1}"#,
            r#"{"client_secret_expires_at":"0"}"#,
            r#"{"client_secret_expires_at":1.5}"#,
            r#"{"client_secret_expires_at":99999999999999999999}"#,
            r#"{"created_at":"yesterday"}"#,
            r#"{"updated_at":1}"#,
            r#"{"jwt_bearer_grant_access_token_lifespan":3600}"#,
            "[]",
        ] {
            assert!(read(body).is_err(), "{body}");
        }
    }

    #[test]
    fn absent_lists_differ_from_empty_ones_and_null_metadata_from_none() {
        let body = read(r#"{"contacts":null,"audience":[],"metadata":null,"jwks":null}"#).unwrap();
        assert_eq!(body.contacts, None);
        assert_eq!(body.audience, Some(vec![]));
        assert_eq!(
            body.metadata.map(|m| m.as_str().to_owned()).as_deref(),
            Some("null")
        );
        assert_eq!(body.jwks, None);
        assert_eq!(read("{}").unwrap().metadata, None);
    }

    #[test]
    fn secrets_and_keys_are_not_printed() {
        let body = read(
            r#"{"client_secret":"hush-hush","registration_access_token":"hush","jwks":{"keys":["hush"]}}"#,
        );
        assert!(!format!("{body:?}").contains("hush"));
    }
}

//! What login and consent apps send. Unlike elsewhere, unknown members are refused, so that an app
//! that relies on a member of another release learns of it.

use serde_json::{Map, Value};

use crate::RawJson;
use crate::decode::{Body, DecodeError, Members};

/// The body of a login accept.
#[derive(Clone, Debug, Default)]
pub struct AcceptLoginBody {
    /// Who it is; required, but that is not decided here.
    pub subject: String,
    /// Whether to remember it.
    pub remember: bool,
    /// For how many seconds.
    pub remember_for: i64,
    /// How strongly the user was authenticated (OpenID Connect Core §2).
    pub acr: String,
    /// By which means (RFC 8176).
    pub amr: Vec<String>,
    /// What a pairwise client is to know the user as.
    pub force_subject_identifier: String,
    /// For the consent app; `null` counts as absent.
    pub context: Option<RawJson>,
}

impl Body for AcceptLoginBody {
    fn read(members: &Members) -> Result<Self, DecodeError> {
        members.only(&[
            "subject",
            "remember",
            "remember_for",
            "acr",
            "amr",
            "force_subject_identifier",
            "context",
        ])?;
        Ok(Self {
            subject: members.text_or_empty("subject")?,
            remember: members.flag("remember")?,
            remember_for: members.integer("remember_for")?.unwrap_or_default(),
            acr: members.text_or_empty("acr")?,
            amr: members.texts("amr")?.unwrap_or_default(),
            force_subject_identifier: members.text_or_empty("force_subject_identifier")?,
            context: members.any("context").filter(|context| !context.is_null()),
        })
    }
}

/// The body of a login or consent reject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RejectBody {
    /// The error's name; empty: the operation's own.
    pub error: String,
    /// A sentence for developers.
    pub error_description: String,
    /// Another.
    pub error_hint: String,
    /// The HTTP status.
    pub status_code: Option<i64>,
    /// A sentence that is shown only where internals may be.
    pub error_debug: String,
}

impl Body for RejectBody {
    fn read(members: &Members) -> Result<Self, DecodeError> {
        members.only(&[
            "error",
            "error_description",
            "error_hint",
            "status_code",
            "error_debug",
        ])?;
        Ok(Self {
            error: members.text_or_empty("error")?,
            error_description: members.text_or_empty("error_description")?,
            error_hint: members.text_or_empty("error_hint")?,
            status_code: members.integer("status_code")?,
            error_debug: members.text_or_empty("error_debug")?,
        })
    }
}

/// The body of a consent accept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AcceptConsentBody {
    /// Granted scopes.
    pub grant_scope: Vec<String>,
    /// Granted audiences.
    pub grant_access_token_audience: Vec<String>,
    /// Claims for tokens.
    pub session: Option<ConsentSessionBody>,
    /// Whether to remember it.
    pub remember: bool,
    /// For how many seconds; 0: for ever.
    pub remember_for: i64,
}

/// Claims that a consent app puts into tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsentSessionBody {
    /// For access tokens.
    pub access_token: Map<String, Value>,
    /// For ID tokens.
    pub id_token: Map<String, Value>,
}

impl Body for AcceptConsentBody {
    fn read(members: &Members) -> Result<Self, DecodeError> {
        members.only(&[
            "grant_scope",
            "grant_access_token_audience",
            "session",
            "remember",
            "remember_for",
            "handled_at",
        ])?;
        members.time("handled_at")?;
        let session = match members.object("session")? {
            Some(session) => Some(ConsentSessionBody::read(&session)?),
            None => None,
        };
        Ok(Self {
            grant_scope: members.texts("grant_scope")?.unwrap_or_default(),
            grant_access_token_audience: members
                .texts("grant_access_token_audience")?
                .unwrap_or_default(),
            session,
            remember: members.flag("remember")?,
            remember_for: members.integer("remember_for")?.unwrap_or_default(),
        })
    }
}

impl Body for ConsentSessionBody {
    fn read(members: &Members) -> Result<Self, DecodeError> {
        members.only(&["access_token", "id_token"])?;
        Ok(Self {
            access_token: members.map("access_token")?.unwrap_or_default(),
            id_token: members.map("id_token")?.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_first;

    #[test]
    fn login_accepts_are_read_with_their_defaults() {
        let body: AcceptLoginBody = decode_first(
            br#"{"Subject":"alice","remember":true,"remember_for":-1,"amr":["pwd",null],"context":{ "b": 1.10 }}"#,
        )
        .unwrap();
        assert_eq!(body.subject, "alice");
        assert!(body.remember);
        assert_eq!(body.remember_for, -1);
        assert_eq!(body.amr, ["pwd", ""]);
        assert_eq!(body.context.unwrap().as_str(), "{ \"b\": 1.10 }");
        let body: AcceptLoginBody = decode_first(br#"{"context":null}"#).unwrap();
        assert_eq!(body.context, None);
        assert_eq!(body.subject, "");
    }

    #[test]
    fn consent_accepts_are_read_with_their_defaults() {
        let body: AcceptConsentBody = decode_first(
            br#"{"grant_scope":["a"],"session":{"id_token":{"k":[1]},"access_token":null},"handled_at":null}"#,
        )
        .unwrap();
        assert_eq!(body.grant_scope, ["a"]);
        let session = body.session.unwrap();
        assert!(session.access_token.is_empty());
        assert_eq!(session.id_token["k"][0], 1);
        let body: AcceptConsentBody = decode_first(br#"{"session":null}"#).unwrap();
        assert_eq!(body, AcceptConsentBody::default());
    }

    #[test]
    fn unknown_members_and_wrong_types_are_refused() {
        fn refused<T: Body>(body: &str) -> bool {
            decode_first::<T>(body.as_bytes()).is_err()
        }
        for body in [
            r#"{"foo":1}"#,
            r#"{"remember":"true"}"#,
            r#"{"remember_for":1.5}"#,
            r#"{"remember_for":1e2}"#,
            r#"{"amr":"pwd"}"#,
            r#"{"extend_session_lifespan":true}"#,
            "",
            "[]",
        ] {
            assert!(refused::<AcceptLoginBody>(body), "{body}");
        }
        for body in [
            r#"{"subject":"a"}"#,
            r#"{"session":{"access_token":[]}}"#,
            r#"{"session":{"refresh_token":{}}}"#,
            r#"{"session":[]}"#,
            r#"{"handled_at":"soon"}"#,
        ] {
            assert!(refused::<AcceptConsentBody>(body), "{body}");
        }
        assert!(refused::<RejectBody>(r#"{"status_code":"400"}"#));
        assert!(!refused::<RejectBody>("null"));
    }
}

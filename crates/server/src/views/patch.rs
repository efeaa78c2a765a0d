use api_types::admin::ClientBody;
use oauth_types::{ErrorCode, OAuthError};
use provider::{Client, ClientDraft, ClientPatch};
use serde_json::{Map, Value};

use super::{client, draft};

/// What a patch makes of a client: the JSON form of the stored one is patched and read like a new
/// body, so that a member that is removed, or set to `null`, has its default afterwards (RFC 6902).
///
/// # Errors
/// 400 that says which operation cannot be applied, or why the outcome is no client.
pub(crate) fn patched(stored: &Client, patch: &ClientPatch) -> Result<ClientDraft, OAuthError> {
    let patched = patch.apply(document(stored)?)?;
    let body: ClientBody = api_types::decode_first(known(patched).as_bytes())
        .map_err(|why| no_client(&why.to_string()))?;
    let mut draft = draft(&body).map_err(|why| no_client(&why))?;
    draft.chosen_id.clear();
    if !patch.touches("metadata") {
        draft.client.metadata.clone_from(&stored.metadata);
    }
    Ok(draft)
}

/// What GET answers, and a secret without content, which may be replaced or removed; nobody is shown
/// the stored one. Hydra: its hash stands there.
fn document(stored: &Client) -> Result<Value, OAuthError> {
    let mut view = client(stored);
    view.client_secret = Some("");
    serde_json::from_str(&api_types::to_go_json(&view))
        .map_err(|why| OAuthError::new(ErrorCode::ServerError).debug(why.to_string()))
}

/// The text of the patched document. Bodies are read in any letter case, but a patch names members
/// exactly: what it added beside them in capitals is forgotten.
fn known(patched: Value) -> String {
    let Value::Object(members) = patched else {
        return patched.to_string();
    };
    let mut document: Map<String, Value> = members
        .into_iter()
        .filter(|(name, _)| !name.bytes().any(|b| b.is_ascii_uppercase()))
        .collect();
    if let Some(metadata) = document.get_mut("metadata") {
        // Hydra: metadata that was patched is written with sorted names.
        metadata.sort_all_objects();
    }
    Value::Object(document).to_string()
}

fn no_client(why: &str) -> OAuthError {
    let hint = format!("The patch cannot be applied, since its outcome is no client: {why}");
    OAuthError::new(ErrorCode::Malformed).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use oauth_types::ClientId;

    fn stored() -> Client {
        let mut client = Client::new(ClientId::new("c"));
        client.name = "before".to_owned();
        client.contacts = vec!["a@example.org".to_owned()];
        client.metadata = r#"{"z": 1.10, "a": [1]}"#.to_owned();
        client
    }

    #[track_caller]
    fn check(patch: &str) -> ClientDraft {
        let patch = ClientPatch::parse(patch.as_bytes()).unwrap();
        patched(&stored(), &patch).unwrap()
    }

    #[test]
    fn what_a_patch_does_not_touch_stays_as_it_was_written() {
        let draft = check(r#"[{"op":"replace","path":"/owner","value":"x"}]"#);
        assert_eq!(draft.client.owner, "x");
        assert_eq!(draft.client.name, "before");
        assert_eq!(draft.client.metadata, stored().metadata);
        assert!(draft.secret.is_empty() && draft.chosen_id.is_empty());
    }

    #[test]
    fn removed_members_fall_back_to_their_defaults() {
        let draft = check(
            r#"[{"op":"remove","path":"/client_name"},{"op":"replace","path":"/contacts","value":null},
                {"op":"remove","path":"/client_secret"}]"#,
        );
        assert_eq!(draft.client.name, "");
        assert!(draft.client.contacts.is_empty());
        assert!(draft.secret.is_empty());
    }

    #[test]
    fn patched_metadata_has_sorted_names() {
        let draft = check(r#"[{"op":"add","path":"/metadata/m","value":{"y":1,"b":2}}]"#);
        assert_eq!(
            draft.client.metadata,
            r#"{"a":[1],"m":{"b":2,"y":1},"z":1.1}"#
        );
    }

    #[test]
    fn names_in_other_letters_are_forgotten() {
        let draft = check(
            r#"[{"op":"add","path":"/CLIENT_NAME","value":"x"},{"op":"add","path":"/Jwks_uri","value":"y"}]"#,
        );
        assert_eq!(draft.client.name, "before");
        assert_eq!(draft.client.jwks_uri, "");
    }

    #[test]
    fn an_outcome_that_is_no_client_is_refused_by_name() {
        for (path, member) in [
            ("/owner", "owner"),
            ("/implicit_grant_id_token_lifespan", "duration"),
            ("/jwks", "jwks"),
        ] {
            let patch = format!(r#"[{{"op":"replace","path":"{path}","value":"x y"}}]"#);
            let patch = if path == "/owner" {
                patch.replace("\"x y\"", "{}")
            } else {
                patch
            };
            let patch = ClientPatch::parse(patch.as_bytes()).unwrap();
            let error = patched(&stored(), &patch).unwrap_err();
            assert_eq!(error.status(), 400);
            assert!(error.description(false).contains(member), "{error}");
        }
    }
}

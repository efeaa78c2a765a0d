//! Identifiers that a login app forces for a user towards a client.

use consent_flow::{FlowWritten, ForcedIdentifier, Revision, SessionChange};
use oauth_types::ClientId;

use crate::lab::ok;
use crate::records;
use crate::suite::list_cases;
use crate::{Backend, Lab};

list_cases!(
    forced_identifier_is_the_last_one_given,
    forced_identifiers_are_kept_apart_exactly,
);

/// A second forced identifier takes the place of the first; a login without one changes nothing.
pub async fn forced_identifier_is_the_last_one_given<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for (name, forced, expected) in [
        ("none", None, None),
        ("first", Some("id-1"), Some("id-1")),
        ("kept", None, Some("id-1")),
        ("second", Some("\u{1f980}'%"), Some("\u{1f980}'%")),
    ] {
        force(&lab, name, "web", "alice", forced).await;
        let found = lab.identifier("web", "alice").await;
        assert_eq!(found.as_deref(), expected, "{name}");
    }
}

/// Identifiers are those of the very client and the very user.
pub async fn forced_identifiers_are_kept_apart_exactly<S: Backend>(lab: Lab<S>) {
    for (n, text) in records::odd_texts().iter().enumerate() {
        lab.client(text).await;
        let name = format!("{n} client");
        force(&lab, &name, text, "alice", Some(&name)).await;
        let name = format!("{n} user");
        force(&lab, &name, "", text, Some(&name)).await;
    }
    for (n, text) in records::odd_texts().iter().enumerate() {
        let client = ClientId::from(text.as_str());
        let by_client = lab.store.forced_identifier(&client, &"alice".into()).await;
        assert_eq!(ok(by_client), Some(format!("{n} client")), "{text:?}");
        let by_user = lab
            .store
            .forced_identifier(&"".into(), &text.as_str().into())
            .await;
        assert_eq!(ok(by_user), Some(format!("{n} user")), "{text:?}");
    }
    assert!(ok(lab.store.delete(&"ab".into()).await));
    for (n, text) in records::odd_texts().iter().enumerate() {
        let client = ClientId::from(text.as_str());
        let found = ok(lab.store.forced_identifier(&client, &"alice".into()).await);
        let expected = (text != "ab").then(|| format!("{n} client"));
        assert_eq!(found, expected, "{text:?}");
    }
}

/// Lets a login force an identifier, or none.
async fn force<S: Backend>(
    lab: &Lab<S>,
    name: &str,
    client: &str,
    subject: &str,
    identifier: Option<&str>,
) {
    let flow = lab.flow(name, client).await;
    let next = records::at_consent(&flow, subject, None);
    let sessions = SessionChange {
        forced_identifier: identifier.map(|identifier| ForcedIdentifier {
            client_id: client.into(),
            subject: subject.into(),
            identifier: identifier.to_owned(),
        }),
        ..SessionChange::default()
    };
    let taken = lab.store.take_login_verifier(next, Revision(1), sessions);
    assert_eq!(ok(taken.await), FlowWritten::Done);
}

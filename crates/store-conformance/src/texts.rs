//! Texts that no row can have come straight from requests. Looking for them finds nothing; it is no
//! error, though some databases cannot even hold them.

use client_registry::{ClientFilter, ClientReplaced};
use consent_flow::{ConsentsOf, FlowKey, FlowWritten, LogoutState, LogoutTaken, SessionChange};
use oauth_core::{Generation, Redeemed, Rotated};
use oauth_types::{ClientId, ConsentChallenge, Guarded, LoginChallenge, Page, SessionId, Subject};

use crate::lab::{authorization, ok};
use crate::records;
use crate::suite::list_cases;
use crate::{Backend, Lab};

list_cases!(
    impossible_clients_and_keys_are_not_found,
    impossible_flows_are_not_found,
    impossible_users_and_sessions_are_not_found,
    impossible_logouts_are_not_found,
    impossible_tokens_are_not_found,
    impossible_issuers_are_not_found,
);

const PAGE: Page = Page {
    offset: 0,
    size: 10,
};

/// Texts with a NUL, which PostgreSQL cannot store, next to real names, and texts far too long.
fn impossible(real: &str) -> Vec<String> {
    vec![
        "\0".to_owned(),
        format!("{real}\0"),
        format!("{real}\0x"),
        format!("\0{real}"),
        "x".repeat(100_000),
        format!("{real}{}", " ".repeat(5_000)),
    ]
}

/// Neither clients, filters, sets nor key ids.
pub async fn impossible_clients_and_keys_are_not_found<S: Backend>(lab: Lab<S>) {
    let client = lab.client("web").await;
    ok(lab.store.add_key(records::key("set", "k", 0)).await);
    for text in impossible("web") {
        let id = ClientId::from(text.as_str());
        assert_eq!(ok(lab.store.client(&id).await), None);
        assert!(!ok(lab.store.delete(&id).await));
        let mut other = records::changed(&client);
        other.id = id.clone();
        let replaced = lab.store.replace(other, client.version).await;
        assert_eq!(ok(replaced), ClientReplaced::Unknown);
        let name = Some(text.clone());
        for filter in [
            ClientFilter {
                name: name.clone(),
                owner: None,
            },
            ClientFilter {
                name: None,
                owner: name,
            },
        ] {
            let listed = ok(lab.store.list(&filter, PAGE).await);
            assert_eq!((listed.items, listed.total), (vec![], 1));
        }
    }
    for text in impossible("set") {
        assert_eq!(ok(lab.store.key_set(&text).await), []);
        assert_eq!(ok(lab.store.key(&text, "k").await), None);
        ok(lab.store.delete_key(&text, "k").await);
        ok(lab.store.delete_key_set(&text).await);
    }
    for text in impossible("k") {
        assert_eq!(ok(lab.store.key("set", &text).await), None);
        ok(lab.store.delete_key("set", &text).await);
    }
    assert_eq!(ok(lab.store.client(&client.id).await), Some(client));
    assert_eq!(ok(lab.store.key_set("set").await).len(), 1);
}

/// Neither challenges nor verifiers, to be read, written or used up.
pub async fn impossible_flows_are_not_found<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = lab.consented("f", "web", "alice").await;
    let consent_challenge = flow.consent_challenge.clone().unwrap_or_default();
    for text in impossible(flow.login_challenge.as_str()) {
        let challenge = LoginChallenge::new(text);
        let key = FlowKey::LoginChallenge(&challenge);
        assert_eq!(ok(lab.store.flow(key).await), None);
        let mut other = records::next(&flow);
        other.login_challenge = challenge;
        let written = lab.store.write_flow(other.clone(), flow.revision).await;
        assert_eq!(ok(written), FlowWritten::Changed);
        let sessions = SessionChange::default();
        let taken = lab
            .store
            .take_login_verifier(other.clone(), flow.revision, sessions);
        assert_eq!(ok(taken.await), FlowWritten::Changed);
        let decided = lab
            .store
            .decide_consent(other.clone(), flow.revision, None)
            .await;
        assert_eq!(ok(decided), FlowWritten::Changed);
        let taken = lab.store.take_consent_verifier(other, flow.revision).await;
        assert_eq!(ok(taken), FlowWritten::Changed);
    }
    for text in impossible(consent_challenge.as_str()) {
        let challenge = ConsentChallenge::new(text);
        let key = FlowKey::ConsentChallenge(&challenge);
        assert_eq!(ok(lab.store.flow(key).await), None);
    }
    for text in impossible(flow.login_verifier.as_str()) {
        let hash = text.into();
        let keys = [
            FlowKey::LoginVerifier(&hash),
            FlowKey::ConsentVerifier(&hash),
        ];
        for key in keys {
            assert_eq!(ok(lab.store.flow(key).await), None);
        }
        let mut new = authorization(&flow, &records::grant(&flow), None);
        new.verifier = hash;
        let authorized = ok(lab.store.authorize(new).await);
        assert_eq!(authorized, oauth_core::Authorized::VerifierUsed);
    }
    let key = FlowKey::LoginChallenge(&flow.login_challenge);
    let found = ok(lab.store.flow(key).await).map(|f| f.record);
    assert_eq!(found, Some(flow));
}

/// Neither users nor sessions, to be read, ended or revoked.
pub async fn impossible_users_and_sessions_are_not_found<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (family, tokens) = lab.redeemed("f", "web", "alice").await;
    let session = family.flow.session_id.clone().unwrap_or_default();
    for text in impossible("alice") {
        let user = Subject::from(text.as_str());
        assert_eq!(lab.remembered(&text, "web").await, None);
        let listed = ok(lab.store.consents(&user, None, PAGE).await);
        assert_eq!((listed.items, listed.total), (vec![], 0));
        assert_eq!(lab.identifier("web", &text).await, None);
        for of in [ConsentsOf::Everyone, ConsentsOf::Client("web".into())] {
            ok(lab.store.revoke_consents(&user, of).await);
        }
        ok(lab.store.end_sessions_of(&user).await);
    }
    for text in impossible("web") {
        assert_eq!(lab.remembered("alice", &text).await, None);
        assert_eq!(lab.identifier(&text, "alice").await, None);
        let of = ConsentsOf::Client(text.into());
        ok(lab.store.revoke_consents(&"alice".into(), of).await);
    }
    for text in impossible(session.as_str()) {
        let id = SessionId::new(text);
        assert_eq!(ok(lab.store.session(&id).await), None);
        assert!(!ok(lab.store.end_session(&id).await));
        assert!(!ok(lab.store.end_session_telling(&id, vec![]).await));
        assert_eq!(ok(lab.store.clients_of_session(&id).await), []);
        let listed = lab.store.consents(&family.grant.subject, Some(&id), PAGE);
        let listed = ok(listed.await);
        assert_eq!((listed.items, listed.total), (vec![], 1));
    }
    assert!(ok(lab.store.session(&session).await).is_some());
    assert!(lab.remembered("alice", "web").await.is_some());
    assert!(lab.has_live(&tokens).await);
}

/// Neither logout challenges, logout verifiers nor messages.
pub async fn impossible_logouts_are_not_found<S: Backend>(lab: Lab<S>) {
    let logout = records::logout("f", None, &records::session("f", "alice"));
    ok(lab.store.create_logout(logout.clone()).await);
    for text in impossible(logout.challenge.as_str()) {
        let challenge = text.as_str().into();
        assert_eq!(ok(lab.store.logout(&challenge).await), None);
        let decided = lab.store.decide_logout(&challenge, LogoutState::Accepted);
        assert_eq!(ok(decided.await), None);
        ok(lab.store.remove_delivery(&text).await);
    }
    for text in impossible(logout.verifier.as_str()) {
        let taken = ok(lab.store.take_logout_verifier(&text.into()).await);
        assert_eq!(taken, LogoutTaken::Refused);
    }
    let found = ok(lab.store.logout(&logout.challenge).await);
    assert_eq!(found, Some(logout));
}

/// Neither codes, tokens, grants nor clients of tokens.
pub async fn impossible_tokens_are_not_found<S: Backend>(lab: Lab<S>) {
    let client = lab.client("web").await;
    let (family, tokens) = lab.redeemed("f", "web", "alice").await;
    let late = records::tokens(&family.grant, Generation::FIRST, "late");
    for text in impossible(family.code.signature.as_str()) {
        let code = text.into();
        assert_eq!(ok(lab.store.code(&code).await), None);
        ok(lab.store.spend_pkce(&code).await);
        let redeemed = lab.store.redeem_code(&code, late.clone()).await;
        assert_eq!(ok(redeemed), Redeemed::Unknown);
    }
    let refresh = crate::lab::some(tokens.refresh.clone());
    for text in impossible(refresh.signature.as_str()) {
        let signature = text.as_str().into();
        assert_eq!(ok(lab.store.refresh(&signature).await), None);
        let mut rotation = records::rotation(&family.grant, &refresh, "late");
        rotation.old = signature;
        let rotated = lab.store.rotate_refresh(rotation).await;
        assert_eq!(ok(rotated), Rotated::Unknown);
    }
    for text in impossible(tokens.access.signature.as_str()) {
        let signature = text.into();
        assert_eq!(ok(lab.store.access(&signature).await), None);
        ok(lab.store.remove_access(&signature).await);
    }
    for text in impossible(family.grant.id.as_str()) {
        let (grant, nobody) = (text.as_str().into(), text.as_str().into());
        ok(lab.store.end_tokens(&grant).await);
        ok(lab.store.end_grant(&grant).await);
        ok(lab.store.end_grant_by_replay(&grant, &nobody).await);
    }
    for text in impossible("web") {
        ok(lab.store.remove_access_of(&text.as_str().into()).await);
        let mut guard = records::guard(&client);
        guard.id = text.as_str().into();
        let token = records::machine_access("a", &text);
        let put = lab.store.put_access(token, guard).await;
        assert_eq!(ok(put), Guarded::ClientChanged);
    }
    assert!(lab.has_access(&tokens.access.signature).await);
    assert!(lab.has_live_refresh(&refresh.signature).await);
}

/// Neither issuers, their ids nor their subjects.
pub async fn impossible_issuers_are_not_found<S: Backend>(lab: Lab<S>) {
    ok(lab.store.add_key(records::key("https://a", "k", 0)).await);
    let issuer = records::issuer("a", "https://a", Some("alice"), "k");
    ok(lab.store.create_issuer(issuer.clone()).await);
    let alice = Subject::from("alice");
    for text in impossible("https://a") {
        let listed = ok(lab.store.issuers(Some(&text), PAGE).await);
        assert_eq!((listed.items, listed.total), (vec![], 1));
        let found = lab.store.issuers_for(&text, &alice, records::at(0)).await;
        assert_eq!(ok(found), []);
    }
    for text in impossible("alice") {
        let user = text.into();
        let found = lab.store.issuers_for("https://a", &user, records::at(0));
        assert_eq!(ok(found.await), []);
    }
    for text in impossible(&issuer.id) {
        assert_eq!(ok(lab.store.issuer(&text).await), None);
        assert!(!ok(lab.store.delete_issuer(&text).await));
    }
    assert_eq!(ok(lab.store.issuer(&issuer.id).await), Some(issuer));
}

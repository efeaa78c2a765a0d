//! What goes with a client, and what does not.

use consent_flow::{FlowKey, FlowRecord, LogoutTaken, SessionChange};
use oauth_core::{Generation, NewTokens, Redeemed, Rotated};
use oauth_types::{Guarded, Page};

use crate::lab::{Family, ok, some};
use crate::records::{self, at, guard, machine_access};
use crate::suite::list_cases;
use crate::{Backend, Lab};

list_cases!(
    deleting_a_client_ends_all_that_is_its,
    recreated_client_starts_with_nothing,
    replacing_a_client_leaves_all_that_is_its,
);

/// Flows, consents, logout requests, messages, grants, codes, tokens and forced identifiers of the
/// client are gone; those of other clients, login sessions and keys stay.
pub async fn deleting_a_client_ends_all_that_is_its<S: Backend>(lab: Lab<S>) {
    let (web, app) = (furnish(&lab, "web").await, furnish(&lab, "app").await);
    assert!(ok(lab.store.delete(&"web".into()).await));
    is_there(&lab, &web, false).await;
    is_there(&lab, &app, true).await;
    for room in [&web, &app] {
        let session = some(room.family.flow.session_id.clone());
        assert!(ok(lab.store.session(&session).await).is_some());
    }
    let page = Page {
        offset: 0,
        size: 100,
    };
    let listed = ok(lab.store.consents(&"alice".into(), None, page).await);
    assert!(listed.items.iter().all(|c| c.client_id.as_str() == "app"));
    assert_eq!(listed.total, u64::try_from(listed.items.len()).unwrap_or(0));
    assert!(!listed.items.is_empty());
}

/// A client that is created under the id of a deleted one inherits nothing.
pub async fn recreated_client_starts_with_nothing<S: Backend>(lab: Lab<S>) {
    let web = furnish(&lab, "web").await;
    assert!(ok(lab.store.delete(&"web".into()).await));
    lab.client("web").await;
    is_there(&lab, &web, false).await;
    let again = lab.redeemed("again", "web", "alice").await;
    assert!(lab.has_live(&again.1).await);
}

/// A new version of the client has what the old one had.
pub async fn replacing_a_client_leaves_all_that_is_its<S: Backend>(lab: Lab<S>) {
    let web = furnish(&lab, "web").await;
    let client = some(ok(lab.store.client(&"web".into()).await));
    let replaced = lab
        .store
        .replace(records::changed(&client), client.version)
        .await;
    assert_eq!(ok(replaced), client_registry::ClientReplaced::Done);
    is_there(&lab, &web, true).await;
}

/// A client and one of everything that can belong to it.
struct Room {
    client: String,
    waiting: FlowRecord,
    coded: Family,
    family: Family,
    tokens: NewTokens,
    alone: oauth_core::AccessRecord,
    logout: consent_flow::LogoutRecord,
    delivery: consent_flow::DeliveryRecord,
}

async fn furnish<S: Backend>(lab: &Lab<S>, client: &str) -> Room {
    let name = |part: &str| format!("{client} {part}");
    let record = lab.client(client).await;
    let waiting = lab.flow(&name("waiting"), client).await;
    let coded = lab.authorized(&name("coded"), client, "alice").await;
    let (family, tokens) = lab.redeemed(&name("redeemed"), client, "alice").await;
    let alone = machine_access("alone", client);
    let put = lab.store.put_access(alone.clone(), guard(&record)).await;
    assert_eq!(ok(put), Guarded::Done);

    let forcing = lab.flow(&name("forcing"), client).await;
    let sessions = SessionChange {
        forced_identifier: Some(consent_flow::ForcedIdentifier {
            client_id: client.into(),
            subject: "alice".into(),
            identifier: "forced".to_owned(),
        }),
        ..SessionChange::default()
    };
    let next = records::at_consent(&forcing, "alice", None);
    let taken = lab
        .store
        .take_login_verifier(next, forcing.revision, sessions);
    ok(taken.await);

    let session = records::session(&name("logout"), "alice");
    let logout = records::logout(client, Some(client), &session);
    ok(lab.store.create_logout(logout.clone()).await);
    let accepted = consent_flow::LogoutState::Accepted;
    ok(lab.store.decide_logout(&logout.challenge, accepted).await);

    let ended = lab.at_consent(&name("told"), client, "alice").await;
    let delivery = records::delivery(client, client, 0);
    let told = vec![delivery.clone()];
    let session = some(ended.session_id);
    assert!(ok(lab.store.end_session_telling(&session, told).await));
    Room {
        client: client.to_owned(),
        waiting,
        coded,
        family,
        tokens,
        alone,
        logout,
        delivery,
    }
}

/// Looks for each piece of a client's belongings; what can be used up is used up.
async fn is_there<S: Backend>(lab: &Lab<S>, room: &Room, there: bool) {
    let (store, client) = (&lab.store, room.client.as_str());
    for flow in [&room.waiting, &room.coded.flow, &room.family.flow] {
        let key = FlowKey::LoginChallenge(&flow.login_challenge);
        assert_eq!(ok(store.flow(key).await).is_some(), there, "flow");
        let key = FlowKey::LoginVerifier(&flow.login_verifier);
        assert_eq!(ok(store.flow(key).await).is_some(), there, "flow");
    }
    let consent = lab.remembered("alice", client).await;
    assert_eq!(consent.is_some(), there, "consent");
    let forced = lab.identifier(client, "alice").await;
    assert_eq!(forced.is_some(), there, "forced identifier");
    let session = some(room.family.flow.session_id.clone());
    let used = ok(store.clients_of_session(&session).await);
    assert_eq!(!used.is_empty(), there, "client of a session");

    let logout = ok(store.logout(&room.logout.challenge).await);
    assert_eq!(logout.is_some(), there, "logout");
    let taken = ok(store.take_logout_verifier(&room.logout.verifier).await);
    assert_eq!(taken != LogoutTaken::Refused, there, "logout verifier");
    let due = ok(store.take_due_deliveries(at(1), at(1), 100).await);
    let delivered = due.iter().any(|d| d.id == room.delivery.id);
    assert_eq!(delivered, there, "delivery");

    let code = ok(store.code(&room.family.code.signature).await);
    assert_eq!(code.is_some(), there, "code");
    let (late, code) = (
        records::tokens(&room.coded.grant, Generation::FIRST, "late"),
        &room.coded.code.signature,
    );
    let redeemed = ok(store.redeem_code(code, late.clone()).await);
    assert_eq!(redeemed != Redeemed::Unknown, there, "redeemed code");
    assert_eq!(lab.has_live(&late).await, there, "tokens of a late code");
    let access = &room.tokens.access.signature;
    assert_eq!(lab.has_access(access).await, there, "access token");
    let alone = &room.alone.signature;
    assert_eq!(lab.has_access(alone).await, there, "lone access token");
    let refresh = some(room.tokens.refresh.clone());
    let found = ok(store.refresh(&refresh.signature).await);
    assert_eq!(found.is_some(), there, "refresh token");
    let rotation = records::rotation(&room.family.grant, &refresh, "late");
    let rotated = ok(store.rotate_refresh(rotation).await);
    assert_eq!(rotated != Rotated::Unknown, there, "rotated refresh token");
}

//! Races between two different steps: whatever order their writes take, nothing lives on that must
//! not. A fault here shows in some of the rounds only, so there are many ([`Lab::rounds`]).

use std::sync::Arc;

use consent_flow::ConsentsOf;
use oauth_core::{Generation, NewTokens, Redeemed};
use oauth_types::{StoreError, StoreResult};

use crate::lab::{authorization, duel, fail, ok, some};
use crate::records::{self, guard, machine_access};
use crate::suite::list_cases;
use crate::{Backend, Lab};

list_cases!(
    replay_against_rotation_leaves_no_live_token,
    ending_against_redeeming_leaves_no_live_token,
    ending_against_rotation_leaves_no_live_token,
    ending_tokens_against_redeeming_leaves_code_or_none_alive,
    ending_tokens_against_rotation_leaves_no_live_token,
    revoking_against_redeeming_leaves_no_live_token,
    revoking_against_rotation_leaves_no_live_token,
    revoking_against_authorizing_leaves_no_code,
    deleting_a_client_against_its_token_leaves_none,
    deleting_a_client_against_its_flow_leaves_none,
    deleting_a_client_against_authorizing_leaves_no_code,
    removing_a_key_against_trusting_leaves_no_issuer,
);

/// A stolen token is presented while its successor is rotated (RFC 9700 §4.14.2): no token of the
/// family is left alive.
pub async fn replay_against_rotation_leaves_no_live_token<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for round in 0..lab.rounds {
        let (family, first) = lab.redeemed(&format!("f{round}"), "web", "alice").await;
        let stolen = some(first.refresh.clone());
        let one = records::rotation(&family.grant, &stolen, "one");
        let second = one.new.clone();
        ok(lab.store.rotate_refresh(one).await);
        let two = records::rotation(&family.grant, &some(second.refresh.clone()), "two");
        let third = two.new.clone();
        let (a, b) = (Arc::clone(&lab.store), Arc::clone(&lab.store));
        let replay = async move {
            a.end_grant_by_replay(&family.grant.id, &stolen.signature)
                .await
        };
        let rotate = async move { b.rotate_refresh(two).await };
        let (replayed, rotated) = duel(round, replay, rotate).await;
        ok(replayed);
        ok(rotated);
        nothing_lives(&lab, round, &[first, second, third]).await;
    }
}

/// A grant ends while its code is redeemed: the tokens bought are dead.
pub async fn ending_against_redeeming_leaves_no_live_token<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for round in 0..lab.rounds {
        let family = lab.authorized(&format!("f{round}"), "web", "alice").await;
        let tokens = records::tokens(&family.grant, Generation::FIRST, "first");
        let (a, b) = (Arc::clone(&lab.store), Arc::clone(&lab.store));
        let (bought, code) = (tokens.clone(), family.code.signature.clone());
        let end = async move { a.end_grant(&family.grant.id).await };
        let redeem = async move { b.redeem_code(&family.code.signature, bought).await };
        let (ended, redeemed) = duel(round, end, redeem).await;
        ok(ended);
        ok(redeemed);
        nothing_lives(&lab, round, &[tokens]).await;
        assert!(
            some(ok(lab.store.code(&code).await)).record.record.used,
            "{round}"
        );
    }
}

/// A grant ends while its refresh token is rotated: old and new tokens are dead.
pub async fn ending_against_rotation_leaves_no_live_token<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for round in 0..lab.rounds {
        let (family, old) = lab.redeemed(&format!("f{round}"), "web", "alice").await;
        let refresh = some(old.refresh.clone());
        let rotation = records::rotation(&family.grant, &refresh, "next");
        let new = rotation.new.clone();
        let (a, b) = (Arc::clone(&lab.store), Arc::clone(&lab.store));
        let end = async move { a.end_grant(&family.grant.id).await };
        let rotate = async move { b.rotate_refresh(rotation).await };
        let (ended, rotated) = duel(round, end, rotate).await;
        ok(ended);
        ok(rotated);
        nothing_lives(&lab, round, &[old, new]).await;
    }
}

/// A front-channel token is revoked while its code is redeemed: either the tokens bought are dead,
/// too, or the code is still good and buys tokens of the next generation. The former one is dead.
pub async fn ending_tokens_against_redeeming_leaves_code_or_none_alive<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for round in 0..lab.rounds {
        let (family, front) = lab
            .with_front_token(&format!("f{round}"), "web", "alice")
            .await;
        let tokens = records::tokens(&family.grant, Generation::FIRST, "first");
        let (a, b) = (Arc::clone(&lab.store), Arc::clone(&lab.store));
        let (grant, code) = (family.grant.id.clone(), family.code.signature.clone());
        let (bought, signature) = (tokens.clone(), code.clone());
        let end = async move { a.end_tokens(&grant).await };
        let redeem = async move { b.redeem_code(&signature, bought).await };
        let (ended, redeemed) = duel(round, end, redeem).await;
        ok(ended);
        let redeemed = ok(redeemed);
        nothing_lives(&lab, round, &[tokens]).await;
        assert!(!lab.has_access(&front.signature).await, "{round}");
        let found = some(ok(lab.store.code(&code).await)).record;
        let again = records::tokens(&family.grant, found.generation, "again");
        let outcome = ok(lab.store.redeem_code(&code, again.clone()).await);
        match redeemed {
            Redeemed::First => {
                assert!(found.record.used, "{round}");
                assert_eq!(outcome, Redeemed::Again, "{round}");
            }
            Redeemed::Changed => {
                assert!(!found.record.used, "{round}");
                assert_eq!(outcome, Redeemed::First, "{round}");
                assert!(lab.has_live(&again).await, "{round}");
            }
            other => fail(&format!("{other:?} in round {round}")),
        }
    }
}

/// A family is revoked while its refresh token is rotated: old and new tokens are dead.
pub async fn ending_tokens_against_rotation_leaves_no_live_token<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for round in 0..lab.rounds {
        let (family, old) = lab.redeemed(&format!("f{round}"), "web", "alice").await;
        let refresh = some(old.refresh.clone());
        let rotation = records::rotation(&family.grant, &refresh, "next");
        let new = rotation.new.clone();
        let (a, b) = (Arc::clone(&lab.store), Arc::clone(&lab.store));
        let end = async move { a.end_tokens(&family.grant.id).await };
        let rotate = async move { b.rotate_refresh(rotation).await };
        let (ended, rotated) = duel(round, end, rotate).await;
        ok(ended);
        ok(rotated);
        nothing_lives(&lab, round, &[old, new]).await;
    }
}

/// A user revokes a consent while its code is redeemed: nothing that it bought is left.
pub async fn revoking_against_redeeming_leaves_no_live_token<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for round in 0..lab.rounds {
        let family = lab.authorized(&format!("f{round}"), "web", "alice").await;
        let tokens = records::tokens(&family.grant, Generation::FIRST, "first");
        let (a, b) = (Arc::clone(&lab.store), Arc::clone(&lab.store));
        let bought = tokens.clone();
        let revoke = revoke(a, round);
        let redeem = async move { b.redeem_code(&family.code.signature, bought).await };
        let (revoked, redeemed) = duel(round, revoke, redeem).await;
        ok(revoked);
        ok_or_conflict(redeemed);
        nothing_lives(&lab, round, &[tokens]).await;
    }
}

/// A user revokes a consent while its refresh token is rotated: nothing of the family is left.
pub async fn revoking_against_rotation_leaves_no_live_token<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for round in 0..lab.rounds {
        let (family, old) = lab.redeemed(&format!("f{round}"), "web", "alice").await;
        let refresh = some(old.refresh.clone());
        let rotation = records::rotation(&family.grant, &refresh, "next");
        let new = rotation.new.clone();
        let (a, b) = (Arc::clone(&lab.store), Arc::clone(&lab.store));
        let rotate = async move { b.rotate_refresh(rotation).await };
        let (revoked, rotated) = duel(round, revoke(a, round), rotate).await;
        ok(revoked);
        ok_or_conflict(rotated);
        nothing_lives(&lab, round, &[old, new]).await;
    }
}

/// A user revokes a consent while the browser returns with its verifier: no code is left.
pub async fn revoking_against_authorizing_leaves_no_code<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for round in 0..lab.rounds {
        let flow = lab.consented(&format!("f{round}"), "web", "alice").await;
        let grant = records::grant(&flow);
        let code = records::code(&grant);
        let new = authorization(&flow, &grant, Some(&code));
        let (a, b) = (Arc::clone(&lab.store), Arc::clone(&lab.store));
        let authorize = async move { b.authorize(new).await };
        let (revoked, authorized) = duel(round, revoke(a, round), authorize).await;
        ok(revoked);
        ok_or_conflict(authorized);
        assert_eq!(ok(lab.store.code(&code.signature).await), None, "{round}");
    }
}

/// A client is deleted while it gets a token: the token is gone, even if the client comes again.
pub async fn deleting_a_client_against_its_token_leaves_none<S: Backend>(lab: Lab<S>) {
    for round in 0..lab.rounds {
        let client = lab.client("machine").await;
        let token = machine_access(&round.to_string(), "machine");
        let (a, b) = (Arc::clone(&lab.store), Arc::clone(&lab.store));
        let (put, guard) = (token.clone(), guard(&client));
        let delete = async move { a.delete(&"machine".into()).await };
        let put = async move { b.put_access(put, guard).await };
        let (deleted, put) = duel(round, delete, put).await;
        assert!(ok(deleted), "{round}");
        ok_or_conflict(put);
        lab.client("machine").await;
        assert!(!lab.has_access(&token.signature).await, "{round}");
        assert!(ok(lab.store.delete(&"machine".into()).await));
    }
}

/// A client is deleted while a flow of it begins: the flow is gone, even if the client comes again.
pub async fn deleting_a_client_against_its_flow_leaves_none<S: Backend>(lab: Lab<S>) {
    for round in 0..lab.rounds {
        lab.client("web").await;
        let flow = records::flow(&format!("f{round}"), "web");
        let (a, b) = (Arc::clone(&lab.store), Arc::clone(&lab.store));
        let begun = flow.clone();
        let delete = async move { a.delete(&"web".into()).await };
        let begin = async move { b.create_flow(begun).await };
        let (deleted, begun) = duel(round, delete, begin).await;
        assert!(ok(deleted), "{round}");
        ok_or_conflict(begun);
        lab.client("web").await;
        let key = consent_flow::FlowKey::LoginVerifier(&flow.login_verifier);
        assert_eq!(ok(lab.store.flow(key).await), None, "{round}");
        assert!(ok(lab.store.delete(&"web".into()).await));
    }
}

/// A client is deleted while a consent to it buys a code: no code is left.
pub async fn deleting_a_client_against_authorizing_leaves_no_code<S: Backend>(lab: Lab<S>) {
    for round in 0..lab.rounds {
        lab.client("web").await;
        let flow = lab.consented(&format!("f{round}"), "web", "alice").await;
        let grant = records::grant(&flow);
        let code = records::code(&grant);
        let new = authorization(&flow, &grant, Some(&code));
        let (a, b) = (Arc::clone(&lab.store), Arc::clone(&lab.store));
        let delete = async move { a.delete(&"web".into()).await };
        let authorize = async move { b.authorize(new).await };
        let (deleted, authorized) = duel(round, delete, authorize).await;
        assert!(ok(deleted), "{round}");
        ok_or_conflict(authorized);
        lab.client("web").await;
        assert_eq!(ok(lab.store.code(&code.signature).await), None, "{round}");
        assert!(ok(lab.store.delete(&"web".into()).await));
    }
}

/// A key is removed while an issuer is trusted with it: the issuer is gone.
pub async fn removing_a_key_against_trusting_leaves_no_issuer<S: Backend>(lab: Lab<S>) {
    for round in 0..lab.rounds {
        ok(lab.store.add_key(records::key("https://a", "k", 0)).await);
        let issuer = records::issuer(&format!("i{round}"), "https://a", None, "k");
        let id = issuer.id.clone();
        let (a, b) = (Arc::clone(&lab.store), Arc::clone(&lab.store));
        let delete = async move { a.delete_key_set("https://a").await };
        let trust = async move { b.create_issuer(issuer).await };
        let (deleted, trusted) = duel(round, delete, trust).await;
        ok(deleted);
        ok_or_conflict(trusted);
        assert_eq!(ok(lab.store.issuer(&id).await), None, "{round}");
    }
}

/// Revokes Alice's consents, all or those to one client by turns.
async fn revoke<S: Backend>(store: Arc<S>, round: u32) -> StoreResult<()> {
    let of = if round.is_multiple_of(2) {
        ConsentsOf::Everyone
    } else {
        ConsentsOf::Client("web".into())
    };
    store.revoke_consents(&"alice".into(), of).await
}

/// A step whose rows vanish under it may do its work, find nothing, or fail for lack of them.
#[track_caller]
fn ok_or_conflict<T>(result: StoreResult<T>) {
    if !matches!(result, Err(StoreError::Conflict)) {
        ok(result);
    }
}

async fn nothing_lives<S: Backend>(lab: &Lab<S>, round: u32, tokens: &[NewTokens]) {
    for (n, pair) in tokens.iter().enumerate() {
        let access = lab.has_access(&pair.access.signature).await;
        assert!(!access, "access token {n} lives in round {round}");
        let refresh = some(pair.refresh.as_ref());
        let live = lab.has_live_refresh(&refresh.signature).await;
        assert!(!live, "refresh token {n} lives in round {round}");
    }
}

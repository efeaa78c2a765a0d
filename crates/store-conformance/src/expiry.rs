//! Removal of what has expired: bounded, and nothing else goes.

use std::collections::BTreeSet;

use consent_flow::{FlowKey, FlowRecord, FlowStore, FlowWritten, SessionChange};
use oauth_core::{
    AccessRecord, Authorized, Claimed, Generation, GrantStore, IssuerRecord, NewTokens, Redeemed,
    Rotated, TrustStore,
};
use oauth_types::{Guarded, Timestamp};

use crate::lab::{authorization, ok, some};
use crate::records::{self, at, guard, machine_access};
use crate::suite::list_cases;
use crate::{Backend, Lab};

list_cases!(
    expired_access_tokens_are_removed_a_few_at_a_time,
    flow_rows_are_removed_when_they_expired,
    expired_flows_are_removed_a_few_at_a_time,
    grant_goes_with_its_codes_and_tokens,
    grant_lasts_as_long_as_its_last_purchase_says,
    tokens_expire_before_their_grant,
    what_never_expires_stays,
    trust_rows_are_removed_when_they_expired,
    expired_claims_are_removed_a_few_at_a_time,
    removing_from_an_empty_store_removes_nothing,
);

/// The limit holds for each call, the answer counts, and later tokens stay.
pub async fn expired_access_tokens_are_removed_a_few_at_a_time<S: Backend>(lab: Lab<S>) {
    let client = lab.client("machine").await;
    let mut tokens = Vec::new();
    for n in 0..10 {
        let token = AccessRecord {
            expires_at: at(n),
            ..machine_access(&n.to_string(), "machine")
        };
        let put = lab.store.put_access(token.clone(), guard(&client)).await;
        assert_eq!(ok(put), Guarded::Done);
        tokens.push(token);
    }
    for (before, limit, removed, left) in [
        (-100, 100, 0, 10),
        (7, 0, 0, 10),
        (7, 3, 3, 7),
        (7, 3, 3, 4),
        (7, 3, 1, 3),
        (7, 3, 0, 3),
        (100, 100, 3, 0),
    ] {
        let count = GrantStore::remove_expired(&*lab.store, at(before), limit).await;
        assert_eq!(ok(count), removed, "{before} {limit}");
        let mut there = 0;
        for token in &tokens {
            let found = lab.has_access(&token.signature).await;
            there += usize::from(found);
            assert!(found || token.expires_at < at(before), "{before} {limit}");
        }
        assert_eq!(there, left, "{before} {limit}");
    }
}

/// Flows, consents, sessions, logout requests and messages go when their own time is over, not
/// when that of another kind is.
pub async fn flow_rows_are_removed_when_they_expired<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = FlowRecord {
        expires_at: at(10),
        ..records::flow("f", "web")
    };
    ok(lab.store.create_flow(flow.clone()).await);
    let mut session = records::session("f", "alice");
    session.expires_at = at(30);
    let next = records::at_consent(&flow, "alice", Some(&session.id));
    let sessions = SessionChange {
        begin: Some(session.clone()),
        ..SessionChange::default()
    };
    let taken = lab
        .store
        .take_login_verifier(next.clone(), flow.revision, sessions);
    assert_eq!(ok(taken.await), FlowWritten::Done);
    let accepted = records::consent_accepted(&next);
    let mut consent = records::consent(&accepted);
    consent.expires_at = at(20);
    let decided = lab
        .store
        .decide_consent(accepted, next.revision, Some(consent))
        .await;
    assert_eq!(ok(decided), FlowWritten::Done);
    let mut logout = records::logout("f", None, &session);
    logout.expires_at = at(40);
    ok(lab.store.create_logout(logout.clone()).await);
    let telling = some(lab.at_consent("g", "web", "bob").await.session_id);
    let mut delivery = records::delivery("f", "web", 10_000);
    delivery.expires_at = at(50);
    let told = lab.store.end_session_telling(&telling, vec![delivery]);
    assert!(ok(told.await));

    for (before, removed, there) in [
        (5, 0, [true, true, true, true]),
        (15, 1, [false, true, true, true]),
        (25, 1, [false, false, true, true]),
        (35, 1, [false, false, false, true]),
        (45, 1, [false, false, false, false]),
    ] {
        let count = FlowStore::remove_expired(&*lab.store, at(before), 100).await;
        assert_eq!(ok(count), removed, "{before}");
        let by_challenge = FlowKey::LoginChallenge(&flow.login_challenge);
        let found = [
            ok(lab.store.flow(by_challenge).await).is_some(),
            lab.remembered("alice", "web").await.is_some(),
            ok(lab.store.session(&session.id).await).is_some(),
            ok(lab.store.logout(&logout.challenge).await).is_some(),
        ];
        assert_eq!(found, there, "{before}");
    }
    let verifier = lab.store.take_logout_verifier(&logout.verifier).await;
    assert_eq!(ok(verifier), consent_flow::LogoutTaken::Refused);
    let count = FlowStore::remove_expired(&*lab.store, at(55), 100).await;
    assert_eq!(ok(count), 1);
    let due = lab.store.take_due_deliveries(at(20_000), at(30_000), 100);
    assert_eq!(ok(due.await), []);
}

/// The limit holds for each call, and the names of removed flows are free again.
pub async fn expired_flows_are_removed_a_few_at_a_time<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for n in 0..7 {
        lab.flow(&n.to_string(), "web").await;
    }
    for removed in [3, 3, 1, 0] {
        let count = FlowStore::remove_expired(&*lab.store, at(4000), 3).await;
        assert_eq!(ok(count), removed);
    }
    for n in 0..7 {
        let again = FlowRecord {
            login_challenge: records::hex(&format!("again {n}"), 32).into(),
            ..records::flow(&n.to_string(), "web")
        };
        ok(lab.store.create_flow(again).await);
    }
}

/// When a grant's time is over, nothing of it stays, whatever the tokens' own times say.
pub async fn grant_goes_with_its_codes_and_tokens<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let family = lab.authorized("f", "web", "alice").await;
    let mut tokens = records::tokens(&family.grant, Generation::FIRST, "first");
    tokens.access.expires_at = Timestamp::NEVER;
    tokens.grant_expires_at = at(5000);
    let redeemed = lab
        .store
        .redeem_code(&family.code.signature, tokens.clone());
    assert_eq!(ok(redeemed.await), Redeemed::First);
    let (_, other) = lab.redeemed("other", "web", "alice").await;
    // Both codes have expired on their own by now; the tokens have not.
    let count = GrantStore::remove_expired(&*lab.store, at(1000), 100).await;
    assert_eq!(ok(count), 2);
    assert!(lab.has_live(&tokens).await);
    let count = GrantStore::remove_expired(&*lab.store, at(5001), 100).await;
    assert!(ok(count) >= 1);
    let refresh = some(tokens.refresh.clone()).signature;
    assert_eq!(ok(lab.store.refresh(&refresh).await), None);
    assert!(!lab.has_access(&tokens.access.signature).await);
    let late = records::rotation(&family.grant, &some(tokens.refresh), "late");
    let rotated = lab.store.rotate_refresh(late).await;
    assert_eq!(ok(rotated), Rotated::Unknown);
    let other = some(other.refresh).signature;
    assert!(lab.has_live_refresh(&other).await);
}

/// Redeeming and rotating move the end of the grant; it may come nearer, too.
pub async fn grant_lasts_as_long_as_its_last_purchase_says<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for (name, ends, before, stays) in [
        ("longer", at(9000), at(8000), true),
        ("shorter", at(3000), at(4000), false),
        ("never", Timestamp::NEVER, at(1_000_000), true),
    ] {
        let family = lab.authorized(name, "web", "alice").await;
        let mut tokens = records::tokens(&family.grant, Generation::FIRST, "first");
        tokens.grant_expires_at = at(1);
        let code = &family.code.signature;
        let redeemed = ok(lab.store.redeem_code(code, tokens.clone()).await);
        assert_eq!(redeemed, Redeemed::First);
        let old = some(tokens.refresh);
        let mut rotation = records::rotation(&family.grant, &old, "next");
        rotation.new.grant_expires_at = ends;
        let refresh = some(rotation.new.refresh.clone()).signature;
        assert_eq!(ok(lab.store.rotate_refresh(rotation).await), Rotated::Done);
        ok(GrantStore::remove_expired(&*lab.store, before, 100).await);
        assert_eq!(lab.has_live_refresh(&refresh).await, stays, "{name}");
    }
}

/// Access and refresh tokens and codes go on their own while their grant stays.
pub async fn tokens_expire_before_their_grant<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let family = lab.authorized("f", "web", "alice").await;
    let mut tokens = records::tokens(&family.grant, Generation::FIRST, "first");
    tokens.access.expires_at = at(100);
    if let Some(refresh) = &mut tokens.refresh {
        refresh.expires_at = at(200);
    }
    let code = &family.code.signature;
    let redeemed = ok(lab.store.redeem_code(code, tokens.clone()).await);
    assert_eq!(redeemed, Redeemed::First);
    let refresh = some(tokens.refresh).signature;
    for (before, removed, there) in [
        (50, 0, [true, true, true]),
        (150, 1, [false, true, true]),
        (250, 1, [false, false, true]),
        (650, 1, [false, false, false]),
    ] {
        let count = GrantStore::remove_expired(&*lab.store, at(before), 100).await;
        assert_eq!(ok(count), removed, "{before}");
        let found = [
            lab.has_access(&tokens.access.signature).await,
            ok(lab.store.refresh(&refresh).await).is_some(),
            ok(lab.store.code(code).await).is_some(),
        ];
        assert_eq!(found, there, "{before}");
    }
}

/// Rows of every kind that never end outlast any moment.
pub async fn what_never_expires_stays<S: Backend>(lab: Lab<S>) {
    let client = lab.client("web").await;
    let far = Timestamp::from_micros(i64::MAX - 1);
    let mut flow = lab.consented("f", "web", "alice").await;
    let mut grant = records::grant(&flow);
    grant.expires_at = Timestamp::NEVER;
    let mut code = records::code(&grant);
    code.expires_at = Timestamp::NEVER;
    let new = authorization(&flow, &grant, Some(&code));
    assert_eq!(ok(lab.store.authorize(new).await), Authorized::Done);
    let access = AccessRecord {
        expires_at: Timestamp::NEVER,
        ..records::access(&grant, Generation::FIRST, "first")
    };
    let tokens = NewTokens {
        access,
        ..records::tokens(&grant, Generation::FIRST, "first")
    };
    let redeemed = lab.store.redeem_code(&code.signature, tokens.clone());
    assert_eq!(ok(redeemed.await), Redeemed::First);
    let alone = AccessRecord {
        expires_at: Timestamp::NEVER,
        ..machine_access("alone", "web")
    };
    let put = lab.store.put_access(alone.clone(), guard(&client)).await;
    assert_eq!(ok(put), Guarded::Done);
    flow.login_challenge = records::hex("never", 32).into();
    flow.login_verifier = records::hex("never", 64).into();
    flow.consent_challenge = None;
    flow.consent_verifier = None;
    flow.expires_at = Timestamp::NEVER;
    ok(lab.store.create_flow(flow.clone()).await);
    let session = some(flow.session_id.clone());
    let mut logout = records::logout("f", None, &records::session("f", "alice"));
    logout.expires_at = Timestamp::NEVER;
    ok(lab.store.create_logout(logout.clone()).await);
    ok(lab.store.add_key(records::key("https://a", "k", 0)).await);
    let mut issuer = records::issuer("a", "https://a", None, "k");
    issuer.expires_at = Timestamp::NEVER;
    ok(lab.store.create_issuer(issuer.clone()).await);

    ok(FlowStore::remove_expired(&*lab.store, far, 100).await);
    assert_eq!(
        ok(GrantStore::remove_expired(&*lab.store, far, 100).await),
        0
    );
    assert_eq!(
        ok(TrustStore::remove_expired(&*lab.store, far, 100).await),
        0
    );

    assert!(lab.has_live(&tokens).await);
    assert!(lab.has_access(&tokens.access.signature).await);
    let kept = some(ok(lab.store.access(&alone.signature).await));
    assert_eq!(kept.record, alone);
    assert!(ok(lab.store.code(&code.signature).await).is_some());
    assert!(lab.remembered("alice", "web").await.is_some());
    let key = FlowKey::LoginChallenge(&flow.login_challenge);
    assert_eq!(some(ok(lab.store.flow(key).await)).record, flow);
    assert!(ok(lab.store.session(&session).await).is_some());
    assert_eq!(ok(lab.store.logout(&logout.challenge).await), Some(logout));
    assert_eq!(ok(lab.store.issuer(&issuer.id).await), Some(issuer));
}

/// Issuers and claims go when their time is over.
pub async fn trust_rows_are_removed_when_they_expired<S: Backend>(lab: Lab<S>) {
    let mut issuers = Vec::new();
    for n in 0..4 {
        let kid = format!("k{n}");
        ok(lab.store.add_key(records::key("https://a", &kid, n)).await);
        let issuer = IssuerRecord {
            expires_at: at(n * 10),
            ..records::issuer(&kid, "https://a", None, &kid)
        };
        ok(lab.store.create_issuer(issuer.clone()).await);
        issuers.push(issuer);
    }
    let hash = records::hex("jti", 64);
    let claim = |end, now| lab.store.claim_jti("a", &hash, at(end), at(now));
    assert_eq!(ok(claim(25, 0).await), Claimed::First);
    for (before, removed, left) in [(0, 0, 4), (15, 2, 2), (22, 1, 1), (28, 1, 1), (35, 1, 0)] {
        let known = ok(claim(25, -1).await) == Claimed::Known;
        assert!(
            known,
            "a claim that was not removed yet is good at any earlier time"
        );
        let count = TrustStore::remove_expired(&*lab.store, at(before), 100).await;
        assert_eq!(ok(count), removed, "{before}");
        let mut there = 0;
        for issuer in &issuers {
            there += usize::from(ok(lab.store.issuer(&issuer.id).await).is_some());
        }
        assert_eq!(there, left, "{before}");
        if before == 28 {
            assert_eq!(ok(claim(100, -1).await), Claimed::First, "it was removed");
        }
    }
}

/// The limit holds for each call, for claims as for issuers.
pub async fn expired_claims_are_removed_a_few_at_a_time<S: Backend>(lab: Lab<S>) {
    for n in 0..7 {
        let hash = records::hex(&format!("jti {n}"), 64);
        let claimed = lab.store.claim_jti("a", &hash, at(60), at(0)).await;
        assert_eq!(ok(claimed), Claimed::First);
    }
    let mut removed = Vec::new();
    for _ in 0..4 {
        let count = TrustStore::remove_expired(&*lab.store, at(61), 3).await;
        removed.push(ok(count));
    }
    assert_eq!(removed, [3, 3, 1, 0]);
}

/// There is nothing to count where there is nothing.
pub async fn removing_from_an_empty_store_removes_nothing<S: Backend>(lab: Lab<S>) {
    let (store, now) = (&*lab.store, at(0));
    let counts: BTreeSet<u64> = [
        ok(FlowStore::remove_expired(store, now, 100).await),
        ok(GrantStore::remove_expired(store, now, 100).await),
        ok(TrustStore::remove_expired(store, now, 100).await),
    ]
    .into();
    assert_eq!(counts, [0].into());
}

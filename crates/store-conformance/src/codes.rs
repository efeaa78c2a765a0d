//! Authorization and codes: what a consent verifier buys, once, and what a code buys, once.

use consent_flow::{FlowKey, FlowState, FlowWritten};
use oauth_core::{
    Authorized, CodeRecord, FoundCode, Generation, NewAuthorization, Redeemed, Rotated,
};
use oauth_types::{ClientVersion, Found};

use crate::lab::{authorization, conflict, ok, one_wins, some, unknown_verifier};
use crate::records;
use crate::suite::list_cases;
use crate::{Backend, CALLERS, Lab};

list_cases!(
    authorization_keeps_all_it_hands_out,
    authorization_may_lack_code_or_access_token,
    consent_verifier_buys_once,
    only_an_accepted_consent_buys,
    taken_key_undoes_an_authorization,
    one_of_many_uses_a_consent_verifier,
    consent_verifier_is_authorized_or_taken,
    code_is_found_with_the_version_of_its_client,
    code_is_redeemed_once,
    one_of_many_redeems_a_code,
    taken_key_undoes_a_redemption,
    spent_pkce_challenge_redeems_nothing,
    unknown_code_redeems_nothing,
    redeeming_leaves_the_front_channel_token_alive,
    redeeming_needs_the_generation_of_the_grant,
    code_without_live_tokens_buys_new_ones,
    code_used_before_its_tokens_ended_stays_used,
);

/// The code and the front-channel token are found, the flow is used up and was written once.
pub async fn authorization_keeps_all_it_hands_out<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = lab.consented("f", "web", "alice").await;
    let grant = records::grant(&flow);
    let mut code = records::code(&grant);
    code.payload = records::large_payload();
    let mut access = records::access(&grant, Generation::FIRST, "front");
    access.payload = records::large_payload();
    let new = NewAuthorization {
        access: Some(access.clone()),
        ..authorization(&flow, &grant, Some(&code))
    };
    assert_eq!(ok(lab.store.authorize(new).await), Authorized::Done);
    let found = some(ok(lab.store.code(&code.signature).await));
    assert_eq!(found.record.record, code);
    assert_eq!(found.record.generation, Generation::FIRST);
    let found = some(ok(lab.store.access(&access.signature).await));
    assert_eq!(found.record, access);
    let key = FlowKey::LoginChallenge(&flow.login_challenge);
    let mut expected = records::next(&flow);
    expected.state = FlowState::ConsentUsed;
    assert_eq!(some(ok(lab.store.flow(key).await)).record, expected);
}

/// Response types without a code, without an access token, or with neither leave a grant behind
/// that can be ended like any other.
pub async fn authorization_may_lack_code_or_access_token<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for (name, with_access) in [("neither", false), ("access", true)] {
        let flow = lab.consented(name, "web", "alice").await;
        let grant = records::grant(&flow);
        let access = records::access(&grant, Generation::FIRST, "front");
        let new = NewAuthorization {
            access: with_access.then(|| access.clone()),
            ..authorization(&flow, &grant, None)
        };
        assert_eq!(ok(lab.store.authorize(new).await), Authorized::Done);
        assert_eq!(lab.has_access(&access.signature).await, with_access);
        let code = records::code(&grant);
        assert_eq!(ok(lab.store.code(&code.signature).await), None);
        ok(lab.store.end_grant(&grant.id).await);
        assert!(!lab.has_access(&access.signature).await);
    }
}

/// A second authorization with the same verifier is refused and keeps nothing.
pub async fn consent_verifier_buys_once<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let family = lab.authorized("f", "web", "alice").await;
    let mut code = family.code.clone();
    code.signature = records::hex("another code", 43).into();
    let mut grant = family.grant.clone();
    let new = authorization(&family.flow, &grant, Some(&code));
    assert_eq!(ok(lab.store.authorize(new).await), Authorized::VerifierUsed);
    grant.id = records::uuid("another grant").into();
    code.grant_id = grant.id.clone();
    let new = authorization(&family.flow, &grant, Some(&code));
    assert_eq!(ok(lab.store.authorize(new).await), Authorized::VerifierUsed);
    assert_eq!(ok(lab.store.code(&code.signature).await), None);
}

/// A verifier that is unknown, or whose consent is open or rejected, buys nothing.
pub async fn only_an_accepted_consent_buys<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let open = lab.at_consent("open", "web", "alice").await;
    let asked = lab.at_consent("rejected", "web", "alice").await;
    let mut rejected = records::next(&asked);
    rejected.state = FlowState::ConsentRejected;
    let decided = lab
        .store
        .decide_consent(rejected.clone(), asked.revision, None);
    assert_eq!(ok(decided.await), FlowWritten::Done);
    let accepted = lab.consented("accepted", "web", "alice").await;
    let mut unknown = records::at_consent(&records::flow("unknown", "web"), "alice", None);
    unknown.consent_verifier = Some(unknown_verifier());
    for (flow, outcome) in [
        (&open, Authorized::VerifierUsed),
        (&rejected, Authorized::VerifierUsed),
        (&unknown, Authorized::VerifierUsed),
        (&accepted, Authorized::Done),
    ] {
        let grant = records::grant(flow);
        let code = records::code(&grant);
        let new = authorization(flow, &grant, Some(&code));
        assert_eq!(ok(lab.store.authorize(new).await), outcome);
        let kept = ok(lab.store.code(&code.signature).await).is_some();
        assert_eq!(kept, outcome == Authorized::Done);
    }
}

/// If the key of a token is taken, the verifier stays good and nothing is kept.
pub async fn taken_key_undoes_an_authorization<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (_, taken) = lab.redeemed("first", "web", "alice").await;
    let flow = lab.consented("second", "web", "alice").await;
    let grant = records::grant(&flow);
    let code = records::code(&grant);
    let mut access = records::access(&grant, Generation::FIRST, "front");
    access.signature = taken.access.signature.clone();
    let new = NewAuthorization {
        access: Some(access),
        ..authorization(&flow, &grant, Some(&code))
    };
    conflict(&lab.store.authorize(new).await);
    assert_eq!(ok(lab.store.code(&code.signature).await), None);
    let key = FlowKey::LoginChallenge(&flow.login_challenge);
    assert_eq!(some(ok(lab.store.flow(key).await)).record, flow);
    let again = authorization(&flow, &grant, Some(&code));
    assert_eq!(ok(lab.store.authorize(again).await), Authorized::Done);
}

/// Of many who come with one verifier, one gets a code, whether all bring the same code or each
/// its own.
pub async fn one_of_many_uses_a_consent_verifier<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for (name, same) in [("same", true), ("own", false)] {
        let flow = lab.consented(name, "web", "alice").await;
        let grant = records::grant(&flow);
        let outcomes = lab.race(CALLERS, |store, caller| {
            let mut code = records::code(&grant);
            if !same {
                code.signature = records::hex(&format!("code {caller}"), 43).into();
            }
            let new = authorization(&flow, &grant, Some(&code));
            async move { store.authorize(new).await }
        });
        let outcomes = outcomes.await;
        one_wins(&outcomes, &Authorized::Done, &Authorized::VerifierUsed);
    }
}

/// A verifier is used for a code or used up for nothing, by one caller.
pub async fn consent_verifier_is_authorized_or_taken<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let flow = lab.consented("f", "web", "alice").await;
    let mut used = records::next(&flow);
    used.state = FlowState::ConsentUsed;
    let grant = records::grant(&flow);
    let code = records::code(&grant);
    let outcomes = lab.race(CALLERS, |store, caller| {
        let new = authorization(&flow, &grant, Some(&code));
        let (used, revision) = (used.clone(), flow.revision);
        async move {
            Ok(if caller % 2 == 0 {
                let authorized = store.authorize(new).await?;
                (authorized == Authorized::Done, true)
            } else {
                let taken = store.take_consent_verifier(used, revision).await?;
                (taken == FlowWritten::Done, false)
            })
        }
    });
    let mut winners: Vec<bool> = Vec::new();
    for (won, by_authorizing) in outcomes.await {
        if won {
            winners.push(by_authorizing);
        }
    }
    let kept = ok(lab.store.code(&code.signature).await).is_some();
    assert_eq!(
        winners,
        [kept],
        "one wins, and a code means that it bought it"
    );
}

/// Look-ups of codes tell the version that the client has now.
pub async fn code_is_found_with_the_version_of_its_client<S: Backend>(lab: Lab<S>) {
    let client = lab.client("web").await;
    let family = lab.authorized("f", "web", "alice").await;
    let next = records::changed(&client);
    ok(lab.store.replace(next, client.version).await);
    let expected = Found {
        record: FoundCode {
            record: family.code.clone(),
            generation: Generation::FIRST,
        },
        client_version: ClientVersion(2),
    };
    let found = ok(lab.store.code(&family.code.signature).await);
    assert_eq!(found, Some(expected));
}

/// The first redemption keeps its tokens; the second says so, keeps none, and the code is still
/// found, as used.
pub async fn code_is_redeemed_once<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (family, first) = lab.redeemed("f", "web", "alice").await;
    let signature = &family.code.signature;
    let second = records::tokens(&family.grant, Generation::FIRST, "second");
    let again = lab.store.redeem_code(signature, second.clone()).await;
    assert_eq!(ok(again), Redeemed::Again);
    assert!(!lab.has_live(&second).await);
    let access = ok(lab.store.access(&first.access.signature).await);
    assert_eq!(some(access).record, first.access);
    let kept = some(first.refresh);
    let refresh = some(ok(lab.store.refresh(&kept.signature).await)).record;
    assert_eq!(
        (refresh.record, refresh.live, refresh.repeat),
        (kept, true, None)
    );
    let expected = CodeRecord {
        used: true,
        ..family.code.clone()
    };
    let code = some(ok(lab.store.code(signature).await));
    assert_eq!(code.record.record, expected);
}

/// Of many who redeem one code, one gets tokens, and only those tokens live.
pub async fn one_of_many_redeems_a_code<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let family = lab.authorized("f", "web", "alice").await;
    let bought = |caller: usize| {
        let name = format!("caller {caller}");
        records::tokens(&family.grant, Generation::FIRST, &name)
    };
    let outcomes = lab.race(CALLERS, |store, caller| {
        let (code, tokens) = (family.code.signature.clone(), bought(caller));
        async move { Ok((store.redeem_code(&code, tokens).await?, caller)) }
    });
    let outcomes = outcomes.await;
    let kinds: Vec<Redeemed> = outcomes.iter().map(|(kind, _)| *kind).collect();
    one_wins(&kinds, &Redeemed::First, &Redeemed::Again);
    for (kind, caller) in outcomes {
        let live = lab.has_live(&bought(caller)).await;
        assert_eq!(live, kind == Redeemed::First, "caller {caller}");
    }
}

/// If the key of a token is taken, the code stays good and nothing is kept.
pub async fn taken_key_undoes_a_redemption<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (_, taken) = lab.redeemed("first", "web", "alice").await;
    let family = lab.authorized("second", "web", "alice").await;
    let good = records::tokens(&family.grant, Generation::FIRST, "good");
    let mut clash = records::tokens(&family.grant, Generation::FIRST, "clash");
    if let (Some(refresh), Some(taken)) = (&mut clash.refresh, &taken.refresh) {
        refresh.signature = taken.signature.clone();
    }
    let signature = &family.code.signature;
    conflict(&lab.store.redeem_code(signature, clash.clone()).await);
    assert!(!lab.has_access(&clash.access.signature).await);
    assert!(!some(ok(lab.store.code(signature).await)).record.record.used);
    let redeemed = lab.store.redeem_code(signature, good.clone()).await;
    assert_eq!(ok(redeemed), Redeemed::First);
    assert!(lab.has_live(&good).await);
}

/// A code whose PKCE challenge was spent is found as such and redeems nothing.
pub async fn spent_pkce_challenge_redeems_nothing<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let family = lab.authorized("f", "web", "alice").await;
    let signature = &family.code.signature;
    ok(lab.store.spend_pkce(signature).await);
    ok(lab.store.spend_pkce(signature).await);
    let code = some(ok(lab.store.code(signature).await)).record.record;
    assert_eq!((code.pkce_spent, code.used), (true, false));
    let tokens = records::tokens(&family.grant, Generation::FIRST, "first");
    let redeemed = ok(lab.store.redeem_code(signature, tokens.clone()).await);
    assert_eq!(redeemed, Redeemed::Again);
    assert!(!lab.has_live(&tokens).await);
}

/// A code that nobody made is not found and redeems nothing; spending its challenge is no error.
pub async fn unknown_code_redeems_nothing<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let family = lab.authorized("f", "web", "alice").await;
    let unknown = records::hex("unknown", 43).into();
    assert_eq!(ok(lab.store.code(&unknown).await), None);
    ok(lab.store.spend_pkce(&unknown).await);
    let tokens = records::tokens(&family.grant, Generation::FIRST, "first");
    let redeemed = ok(lab.store.redeem_code(&unknown, tokens.clone()).await);
    assert_eq!(redeemed, Redeemed::Unknown);
    assert!(!lab.has_live(&tokens).await);
}

/// Redeeming a code is no rotation: a token of the front channel lives on.
pub async fn redeeming_leaves_the_front_channel_token_alive<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (family, front) = lab.with_front_token("f", "web", "alice").await;
    let tokens = records::tokens(&family.grant, Generation::FIRST, "first");
    let redeemed = lab
        .store
        .redeem_code(&family.code.signature, tokens.clone());
    assert_eq!(ok(redeemed.await), Redeemed::First);
    assert!(lab.has_access(&front.signature).await);
    assert!(lab.has_live(&tokens).await);
}

/// Whoever made tokens for another generation than the grant is in now keeps none and is told to
/// look again; the code stays good.
pub async fn redeeming_needs_the_generation_of_the_grant<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let family = lab.authorized("f", "web", "alice").await;
    let signature = &family.code.signature;
    let wrong = records::tokens(&family.grant, Generation::FIRST.next(), "wrong");
    let redeemed = ok(lab.store.redeem_code(signature, wrong.clone()).await);
    assert_eq!(redeemed, Redeemed::Changed);
    assert!(!lab.has_live(&wrong).await);
    let wrong = some(wrong.refresh).signature;
    assert_eq!(ok(lab.store.refresh(&wrong).await), None);
    assert!(!some(ok(lab.store.code(signature).await)).record.record.used);
    let right = records::tokens(&family.grant, Generation::FIRST, "right");
    let redeemed = ok(lab.store.redeem_code(signature, right.clone()).await);
    assert_eq!(redeemed, Redeemed::First);
    assert!(lab.has_live(&right).await);
}

/// Ending the tokens of a grant, once or twice, leaves a code that was not redeemed good; it buys
/// tokens of the generation that it is found with, and those rotate.
pub async fn code_without_live_tokens_buys_new_ones<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    for (name, times) in [("once", 1), ("twice", 2)] {
        let (family, front) = lab.with_front_token(name, "web", "alice").await;
        let signature = &family.code.signature;
        for _ in 0..times {
            ok(lab.store.end_tokens(&family.grant.id).await);
            assert!(!lab.has_access(&front.signature).await, "{name}");
        }
        let found = some(ok(lab.store.code(signature).await)).record;
        assert_eq!(found.record, family.code, "{name}");
        assert!(found.generation > Generation::FIRST, "{name}");
        let late = records::tokens(&family.grant, Generation::FIRST, "late");
        let redeemed = ok(lab.store.redeem_code(signature, late.clone()).await);
        assert_eq!(redeemed, Redeemed::Changed, "{name}");
        let tokens = records::tokens(&family.grant, found.generation, "first");
        let redeemed = ok(lab.store.redeem_code(signature, tokens.clone()).await);
        assert_eq!(redeemed, Redeemed::First, "{name}");
        assert!(!lab.has_access(&front.signature).await, "{name}");
        assert!(!lab.has_live(&late).await, "{name}");
        assert!(lab.has_access(&tokens.access.signature).await, "{name}");
        let rotation = records::rotation(&family.grant, &some(tokens.refresh), "next");
        let next = rotation.new.clone();
        assert_eq!(ok(lab.store.rotate_refresh(rotation).await), Rotated::Done);
        assert!(lab.has_live(&next).await, "{name}");
    }
}

/// A code that was redeemed, or whose challenge is spent, redeems nothing, whatever generation the
/// tokens are made for: it does not count as changed.
pub async fn code_used_before_its_tokens_ended_stays_used<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (used, _) = lab.redeemed("used", "web", "alice").await;
    let spent = lab.authorized("spent", "web", "alice").await;
    ok(lab.store.spend_pkce(&spent.code.signature).await);
    for family in [used, spent] {
        ok(lab.store.end_tokens(&family.grant.id).await);
        let signature = &family.code.signature;
        let now = some(ok(lab.store.code(signature).await)).record.generation;
        for generation in [Generation::FIRST, now, now.next()] {
            let tokens = records::tokens(&family.grant, generation, "late");
            let redeemed = ok(lab.store.redeem_code(signature, tokens.clone()).await);
            assert_eq!(redeemed, Redeemed::Again, "{generation:?}");
            assert!(!lab.has_access(&tokens.access.signature).await);
        }
    }
}

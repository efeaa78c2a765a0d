//! Refresh tokens: rotation, repeated answers, and the end of a grant.

use oauth_core::{FoundRefresh, Generation, NewTokens, Redeemed, RefreshRecord, Rotated, Rotation};
use oauth_types::{ClientVersion, Found};

use crate::lab::{conflict, ok, one_wins, some};
use crate::records::{self, answer};
use crate::suite::list_cases;
use crate::{Backend, CALLERS, Lab};

list_cases!(
    refresh_token_is_found_with_the_version_of_its_client,
    rotation_replaces_all_tokens_of_the_grant,
    rotated_token_does_not_rotate_again,
    unknown_token_does_not_rotate,
    rotation_needs_the_generation_of_the_token,
    taken_key_undoes_a_rotation,
    one_of_many_rotates,
    one_of_many_rotates_and_the_others_repeat_its_answer,
    answer_is_repeated_to_the_token_last_rotated_only,
    rotation_without_an_answer_drops_the_former_one,
    ended_grant_repeats_no_answer,
    ended_grant_has_no_live_token,
    ended_tokens_are_dead_and_repeat_no_answer,
    ended_grant_stays_ended_when_its_tokens_end,
    ended_grant_redeems_no_code,
    ending_an_unknown_grant_is_no_error,
    replay_ends_the_grant_and_removes_the_presented_token,
);

/// Look-ups of refresh tokens tell the version that the client has now; large sessions come back.
pub async fn refresh_token_is_found_with_the_version_of_its_client<S: Backend>(lab: Lab<S>) {
    let client = lab.client("web").await;
    let family = lab.authorized("f", "web", "alice").await;
    let mut tokens = records::tokens(&family.grant, Generation::FIRST, "first");
    let mut refresh = first_refresh(&tokens);
    refresh.payload = records::large_payload();
    tokens.refresh = Some(refresh.clone());
    tokens.access.payload = records::large_payload();
    let redeemed = lab
        .store
        .redeem_code(&family.code.signature, tokens.clone());
    assert_eq!(ok(redeemed.await), Redeemed::First);
    let next = records::changed(&client);
    ok(lab.store.replace(next, client.version).await);
    let expected = Found {
        record: FoundRefresh {
            record: refresh.clone(),
            live: true,
            repeat: None,
        },
        client_version: ClientVersion(2),
    };
    let found = ok(lab.store.refresh(&refresh.signature).await);
    assert_eq!(found, Some(expected));
    let expected = Found {
        record: tokens.access.clone(),
        client_version: ClientVersion(2),
    };
    let found = ok(lab.store.access(&tokens.access.signature).await);
    assert_eq!(found, Some(expected));
    let unknown = records::hex("unknown", 43).into();
    assert_eq!(ok(lab.store.refresh(&unknown).await), None);
}

/// A rotation leaves one live refresh token and one live access token; other grants stay.
pub async fn rotation_replaces_all_tokens_of_the_grant<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (_, other) = lab.redeemed("other", "web", "alice").await;
    let (family, mut old) = lab.redeemed("f", "web", "alice").await;
    for round in 0..3 {
        let rotation = records::rotation(&family.grant, &first_refresh(&old), "next");
        let new = rotation.new.clone();
        assert_eq!(ok(lab.store.rotate_refresh(rotation).await), Rotated::Done);
        assert!(!lab.has_access(&old.access.signature).await, "{round}");
        let dead = some(ok(lab.store.refresh(&first_refresh(&old).signature).await));
        assert_eq!(dead.record.record, first_refresh(&old), "{round}");
        assert!(!dead.record.live, "{round}");
        assert!(lab.has_access(&new.access.signature).await, "{round}");
        let live = some(ok(lab.store.refresh(&first_refresh(&new).signature).await));
        assert_eq!(live.record.record, first_refresh(&new), "{round}");
        assert!(live.record.live, "{round}");
        old = new;
    }
    assert!(lab.has_live_refresh(&first_refresh(&other).signature).await);
    assert!(lab.has_access(&other.access.signature).await);
}

/// Without an answer to repeat, the second rotation of a token is lost and changes nothing.
pub async fn rotated_token_does_not_rotate_again<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (family, old) = lab.redeemed("f", "web", "alice").await;
    let first = records::rotation(&family.grant, &first_refresh(&old), "first");
    let second = records::rotation(&family.grant, &first_refresh(&old), "second");
    let rotated = lab.store.rotate_refresh(first.clone()).await;
    assert_eq!(ok(rotated), Rotated::Done);
    let rotated = lab.store.rotate_refresh(second.clone()).await;
    assert_eq!(ok(rotated), Rotated::Lost);
    assert!(lab.has_live(&first.new).await);
    assert!(!lab.has_live(&second.new).await);
}

/// A token that nobody made does not rotate, not even in a living grant.
pub async fn unknown_token_does_not_rotate<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (family, old) = lab.redeemed("f", "web", "alice").await;
    let mut rotation = records::rotation(&family.grant, &first_refresh(&old), "next");
    rotation.old = records::hex("unknown", 43).into();
    let new = rotation.new.clone();
    let rotated = lab.store.rotate_refresh(rotation).await;
    assert_eq!(ok(rotated), Rotated::Unknown);
    assert!(lab.has_live(&old).await);
    assert!(!lab.has_live(&new).await);
}

/// Whoever read the token in another generation than the grant is in now loses.
pub async fn rotation_needs_the_generation_of_the_token<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (family, old) = lab.redeemed("f", "web", "alice").await;
    let refresh = first_refresh(&old);
    let rotation = Rotation {
        generation: Generation::FIRST.next(),
        ..records::rotation(&family.grant, &refresh, "next")
    };
    let rotated = lab.store.rotate_refresh(rotation).await;
    assert_eq!(ok(rotated), Rotated::Lost);
    assert!(lab.has_live(&old).await);
}

/// If the key of a new token is taken, the old tokens live on.
pub async fn taken_key_undoes_a_rotation<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (_, taken) = lab.redeemed("other", "web", "alice").await;
    let (family, old) = lab.redeemed("f", "web", "alice").await;
    let mut rotation = records::rotation(&family.grant, &first_refresh(&old), "next");
    rotation.new.access.signature = taken.access.signature.clone();
    conflict(&lab.store.rotate_refresh(rotation.clone()).await);
    assert!(lab.has_access(&old.access.signature).await);
    assert!(lab.has_live_refresh(&first_refresh(&old).signature).await);
    let unborn = first_refresh(&rotation.new).signature;
    assert_eq!(ok(lab.store.refresh(&unborn).await), None);
    let good = records::rotation(&family.grant, &first_refresh(&old), "good");
    assert_eq!(ok(lab.store.rotate_refresh(good).await), Rotated::Done);
}

/// Of many who present one token, one gets new tokens, and only those live.
pub async fn one_of_many_rotates<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (family, old) = lab.redeemed("f", "web", "alice").await;
    let rotation = |caller: usize| {
        let name = format!("caller {caller}");
        records::rotation(&family.grant, &first_refresh(&old), &name)
    };
    let outcomes = lab.race(CALLERS, |store, caller| {
        let rotation = rotation(caller);
        async move { Ok((store.rotate_refresh(rotation).await?, caller)) }
    });
    let outcomes = outcomes.await;
    let kinds: Vec<Rotated> = outcomes.iter().map(|(kind, _)| kind.clone()).collect();
    one_wins(&kinds, &Rotated::Done, &Rotated::Lost);
    for (kind, caller) in outcomes {
        let new = rotation(caller).new;
        assert_eq!(lab.has_live(&new).await, kind == Rotated::Done);
    }
    assert!(!lab.has_live(&old).await);
}

/// With answers to repeat, the losers get that of the winner, not their own.
pub async fn one_of_many_rotates_and_the_others_repeat_its_answer<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (family, old) = lab.redeemed("f", "web", "alice").await;
    let old = first_refresh(&old);
    let outcomes = lab.race(CALLERS, |store, caller| {
        let name = format!("caller {caller}");
        let rotation = Rotation {
            repeat: Some(answer(&name)),
            ..records::rotation(&family.grant, &old, &name)
        };
        async move { Ok((store.rotate_refresh(rotation).await?, name)) }
    });
    let outcomes = outcomes.await;
    let winner = outcomes.iter().find(|(kind, _)| *kind == Rotated::Done);
    let (_, winner) = some(winner);
    let kinds: Vec<Rotated> = outcomes.iter().map(|(kind, _)| kind.clone()).collect();
    let repeated = Rotated::Repeated(answer(winner));
    one_wins(&kinds, &Rotated::Done, &repeated);
    let found = some(ok(lab.store.refresh(&old.signature).await));
    assert_eq!(found.record.repeat, Some(answer(winner)));
}

/// Once the successor was rotated, the token before it is lost, and its answer is gone.
pub async fn answer_is_repeated_to_the_token_last_rotated_only<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (family, first) = lab.redeemed("f", "web", "alice").await;
    let rotate = |old: &NewTokens, name: &str| Rotation {
        repeat: Some(answer(name)),
        ..records::rotation(&family.grant, &first_refresh(old), name)
    };
    let one = rotate(&first, "one");
    let (second, two) = (one.new.clone(), rotate(&one.new, "two"));
    let (third, late) = (two.new.clone(), rotate(&first, "late"));
    let repeat_of = async |tokens: &NewTokens| {
        let found = lab.store.refresh(&first_refresh(tokens).signature).await;
        some(ok(found)).record.repeat
    };
    assert_eq!(ok(lab.store.rotate_refresh(one).await), Rotated::Done);
    assert_eq!(repeat_of(&first).await, Some(answer("one")));
    assert_eq!(repeat_of(&second).await, None);
    let repeated = ok(lab.store.rotate_refresh(late.clone()).await);
    assert_eq!(repeated, Rotated::Repeated(answer("one")));
    assert_eq!(ok(lab.store.rotate_refresh(two).await), Rotated::Done);
    assert_eq!(ok(lab.store.rotate_refresh(late).await), Rotated::Lost);
    assert_eq!(repeat_of(&first).await, None);
    assert_eq!(repeat_of(&second).await, Some(answer("two")));
    assert!(lab.has_live(&third).await);
}

/// A rotation that leaves no answer leaves no older one either.
pub async fn rotation_without_an_answer_drops_the_former_one<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (family, first) = lab.redeemed("f", "web", "alice").await;
    let one = Rotation {
        repeat: Some(answer("one")),
        ..records::rotation(&family.grant, &first_refresh(&first), "one")
    };
    let second = one.new.clone();
    assert_eq!(ok(lab.store.rotate_refresh(one).await), Rotated::Done);
    let two = records::rotation(&family.grant, &first_refresh(&second), "two");
    assert_eq!(
        ok(lab.store.rotate_refresh(two.clone()).await),
        Rotated::Done
    );
    assert_eq!(ok(lab.store.rotate_refresh(two).await), Rotated::Lost);
    for tokens in [&first, &second] {
        let found = lab.store.refresh(&first_refresh(tokens).signature).await;
        assert_eq!(some(ok(found)).record.repeat, None);
    }
}

/// Nothing is repeated for a grant that has ended.
pub async fn ended_grant_repeats_no_answer<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (family, first) = lab.redeemed("f", "web", "alice").await;
    let rotation = Rotation {
        repeat: Some(answer("one")),
        ..records::rotation(&family.grant, &first_refresh(&first), "one")
    };
    let rotated = lab.store.rotate_refresh(rotation.clone()).await;
    assert_eq!(ok(rotated), Rotated::Done);
    ok(lab.store.end_grant(&family.grant.id).await);
    let rotated = lab.store.rotate_refresh(rotation).await;
    assert_eq!(ok(rotated), Rotated::Lost);
    let found = lab.store.refresh(&first_refresh(&first).signature).await;
    let found = some(ok(found)).record;
    assert_eq!((found.live, found.repeat), (false, None));
}

/// Ending a grant, once or twice, kills its tokens but leaves the rows that recognise a replay.
pub async fn ended_grant_has_no_live_token<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (_, other) = lab.redeemed("other", "web", "alice").await;
    let (family, tokens) = lab.redeemed("f", "web", "alice").await;
    let refresh = first_refresh(&tokens);
    for _ in 0..2 {
        ok(lab.store.end_grant(&family.grant.id).await);
        assert!(!lab.has_access(&tokens.access.signature).await);
        let found = some(ok(lab.store.refresh(&refresh.signature).await)).record;
        assert_eq!((found.record, found.live), (refresh.clone(), false));
        let code = some(ok(lab.store.code(&family.code.signature).await));
        assert!(code.record.record.used);
        let rotation = records::rotation(&family.grant, &refresh, "late");
        let rotated = lab.store.rotate_refresh(rotation).await;
        assert_eq!(ok(rotated), Rotated::Lost);
    }
    assert!(lab.has_access(&other.access.signature).await);
    assert!(lab.has_live_refresh(&first_refresh(&other).signature).await);
}

/// Ending the tokens of a grant, once or twice, kills them and the answer to be repeated, but leaves
/// the rows that recognise a replay; other grants stay.
pub async fn ended_tokens_are_dead_and_repeat_no_answer<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (_, other) = lab.redeemed("other", "web", "alice").await;
    let (family, first) = lab.redeemed("f", "web", "alice").await;
    let rotation = Rotation {
        repeat: Some(answer("one")),
        ..records::rotation(&family.grant, &first_refresh(&first), "one")
    };
    let second = rotation.new.clone();
    let rotated = lab.store.rotate_refresh(rotation.clone()).await;
    assert_eq!(ok(rotated), Rotated::Done);
    for _ in 0..2 {
        ok(lab.store.end_tokens(&family.grant.id).await);
        for tokens in [&first, &second] {
            assert!(!lab.has_access(&tokens.access.signature).await);
            let refresh = first_refresh(tokens);
            let found = some(ok(lab.store.refresh(&refresh.signature).await)).record;
            let expected = FoundRefresh {
                record: refresh,
                live: false,
                repeat: None,
            };
            assert_eq!(found, expected);
        }
        let rotated = lab.store.rotate_refresh(rotation.clone()).await;
        assert_eq!(ok(rotated), Rotated::Lost);
        let late = records::rotation(&family.grant, &first_refresh(&second), "late");
        assert_eq!(ok(lab.store.rotate_refresh(late).await), Rotated::Lost);
    }
    assert!(lab.has_access(&other.access.signature).await);
    assert!(lab.has_live_refresh(&first_refresh(&other).signature).await);
}

/// A grant that has ended does not come back to life: its code counts as used.
pub async fn ended_grant_stays_ended_when_its_tokens_end<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let family = lab.authorized("f", "web", "alice").await;
    ok(lab.store.end_grant(&family.grant.id).await);
    ok(lab.store.end_tokens(&family.grant.id).await);
    let signature = &family.code.signature;
    let found = some(ok(lab.store.code(signature).await)).record;
    assert!(found.record.used);
    for generation in [Generation::FIRST, found.generation, found.generation.next()] {
        let tokens = records::tokens(&family.grant, generation, "late");
        let redeemed = ok(lab.store.redeem_code(signature, tokens.clone()).await);
        assert_eq!(redeemed, Redeemed::Again);
        assert!(!lab.has_live(&tokens).await);
    }
}

/// The code of an ended grant counts as used though nobody redeemed it.
pub async fn ended_grant_redeems_no_code<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let family = lab.authorized("f", "web", "alice").await;
    ok(lab.store.end_grant(&family.grant.id).await);
    let tokens = records::tokens(&family.grant, Generation::FIRST, "late");
    let signature = &family.code.signature;
    let redeemed = ok(lab.store.redeem_code(signature, tokens.clone()).await);
    assert_eq!(redeemed, Redeemed::Again);
    assert!(!lab.has_live(&tokens).await);
    assert!(some(ok(lab.store.code(signature).await)).record.record.used);
}

/// Ending what is not there is no error and touches nothing else.
pub async fn ending_an_unknown_grant_is_no_error<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (_, tokens) = lab.redeemed("f", "web", "alice").await;
    let unknown = records::uuid("unknown").into();
    ok(lab.store.end_grant(&unknown).await);
    ok(lab.store.end_tokens(&unknown).await);
    let nobody = records::hex("unknown", 43).into();
    ok(lab.store.end_grant_by_replay(&unknown, &nobody).await);
    assert!(lab.has_live(&tokens).await);
}

/// A replay ends the family; the presented token is unknown afterwards, its siblings are dead.
pub async fn replay_ends_the_grant_and_removes_the_presented_token<S: Backend>(lab: Lab<S>) {
    lab.client("web").await;
    let (family, first) = lab.redeemed("f", "web", "alice").await;
    let rotation = records::rotation(&family.grant, &first_refresh(&first), "next");
    let new = rotation.new.clone();
    assert_eq!(ok(lab.store.rotate_refresh(rotation).await), Rotated::Done);
    let stolen = first_refresh(&first).signature;
    for _ in 0..2 {
        let ended = lab.store.end_grant_by_replay(&family.grant.id, &stolen);
        ok(ended.await);
        assert_eq!(ok(lab.store.refresh(&stolen).await), None);
        let sibling = ok(lab.store.refresh(&first_refresh(&new).signature).await);
        assert!(!some(sibling).record.live);
        assert!(!lab.has_access(&new.access.signature).await);
    }
}

/// The refresh token among new tokens.
fn first_refresh(tokens: &NewTokens) -> RefreshRecord {
    some(tokens.refresh.clone())
}

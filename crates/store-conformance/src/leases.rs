//! Leases: one replica does a chore.

use crate::lab::{ok, one_wins};
use crate::records::at;
use crate::suite::list_cases;
use crate::{Backend, CALLERS, Lab};

list_cases!(
    lease_has_one_holder,
    lease_is_free_when_its_time_is_over,
    lease_is_released_by_its_holder_only,
    one_of_many_gets_a_new_lease,
    one_of_many_gets_an_old_lease,
);

/// A lease is refused to others while it runs, prolonged to its holder, and names do not mix.
pub async fn lease_has_one_holder<S: Backend>(lab: Lab<S>) {
    let store = &lab.store;
    assert!(ok(store.acquire_lease("tidy", "a", at(0), at(60)).await));
    assert!(!ok(store.acquire_lease("tidy", "b", at(1), at(90)).await));
    assert!(ok(store.acquire_lease("tidy", "a", at(50), at(120)).await));
    assert!(!ok(store.acquire_lease("tidy", "b", at(61), at(90)).await));
    assert!(ok(store.acquire_lease("Tidy", "b", at(61), at(90)).await));
}

/// A lease that ran out goes to whoever asks first.
pub async fn lease_is_free_when_its_time_is_over<S: Backend>(lab: Lab<S>) {
    let store = &lab.store;
    assert!(ok(store.acquire_lease("tidy", "a", at(0), at(60)).await));
    assert!(ok(store.acquire_lease("tidy", "b", at(61), at(120)).await));
    assert!(!ok(store.acquire_lease("tidy", "a", at(62), at(120)).await));
}

/// Giving a lease back frees it; others, and those who never had it, change nothing.
pub async fn lease_is_released_by_its_holder_only<S: Backend>(lab: Lab<S>) {
    let store = &lab.store;
    ok(store.release_lease("tidy", "a").await);
    assert!(ok(store.acquire_lease("tidy", "a", at(0), at(60)).await));
    ok(store.release_lease("tidy", "b").await);
    assert!(!ok(store.acquire_lease("tidy", "b", at(1), at(60)).await));
    ok(store.release_lease("tidy", "a").await);
    assert!(ok(store.acquire_lease("tidy", "b", at(1), at(60)).await));
}

/// Of many who ask for a lease that nobody ever had, one gets it.
pub async fn one_of_many_gets_a_new_lease<S: Backend>(lab: Lab<S>) {
    let outcomes = lab.race(CALLERS, |store, caller| async move {
        let holder = format!("replica-{caller}");
        store.acquire_lease("tidy", &holder, at(0), at(60)).await
    });
    one_wins(&outcomes.await, &true, &false);
}

/// Of many who ask for a lease that ran out, one gets it.
pub async fn one_of_many_gets_an_old_lease<S: Backend>(lab: Lab<S>) {
    let first = lab.store.acquire_lease("tidy", "a", at(0), at(60)).await;
    assert!(ok(first));
    let outcomes = lab.race(CALLERS, |store, caller| async move {
        let holder = format!("replica-{caller}");
        store.acquire_lease("tidy", &holder, at(61), at(120)).await
    });
    one_wins(&outcomes.await, &true, &false);
}

//! Runs the cases.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;

use client_registry::ClientStore;
use consent_flow::FlowStore;
use jwk_store::KeyStore;
use oauth_core::{GrantStore, TrustStore};
use oauth_types::LeaseStore;

use crate::lab::fail;
use crate::{Lab, ROUNDS};

/// What the suite tests: one value that implements all store traits.
pub trait Backend:
    ClientStore + KeyStore + FlowStore + GrantStore + TrustStore + LeaseStore + Send + Sync + 'static
{
}

impl<S> Backend for S where
    S: ClientStore
        + KeyStore
        + FlowStore
        + GrantStore
        + TrustStore
        + LeaseStore
        + Send
        + Sync
        + 'static
{
}

/// A case under way; it panics if the rule does not hold.
pub type CaseFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One rule and how to try it.
pub struct Case<S> {
    /// The rule, which is also the name of the public function.
    pub name: &'static str,
    /// Tries it on an empty store.
    pub run: fn(Lab<S>) -> CaseFuture,
}

/// All cases.
#[must_use]
pub fn cases<S: Backend>() -> Vec<Case<S>> {
    [
        crate::clients::all(),
        crate::keys::all(),
        crate::flows::all(),
        crate::sessions::all(),
        crate::session_clients::all(),
        crate::identifiers::all(),
        crate::consents::all(),
        crate::logouts::all(),
        crate::codes::all(),
        crate::refresh::all(),
        crate::access::all(),
        crate::races::all(),
        crate::trust::all(),
        crate::leases::all(),
        crate::cascades::all(),
        crate::expiry::all(),
        crate::texts::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Runs all cases, each on a store of its own that `fresh` makes; says nothing if all rules hold.
///
/// # Panics
/// After the last case, with the names of those that failed.
pub async fn run<F, Fut, S>(fresh: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = S>,
    S: Backend,
{
    run_rounds(ROUNDS, fresh).await;
}

/// Runs all cases as [`run`] does, with `rounds` repetitions of each race instead of [`ROUNDS`].
///
/// # Panics
/// As [`run`].
pub async fn run_rounds<F, Fut, S>(rounds: u32, fresh: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = S>,
    S: Backend,
{
    let mut failed = Vec::new();
    for case in cases::<S>() {
        let lab = Lab::new(fresh().await).rounds(rounds);
        if let Err(error) = tokio::spawn((case.run)(lab)).await {
            let why = error.try_into_panic().map(reason).unwrap_or_default();
            failed.push(format!("{}: {why}", case.name));
        }
    }
    if !failed.is_empty() {
        fail(&format!("rules that do not hold:\n{}", failed.join("\n")));
    }
}

/// The text of a panic.
fn reason(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .unwrap_or_default(),
    }
}

/// Lists the cases of a module.
macro_rules! list_cases {
    ($($case:ident),* $(,)?) => {
        pub(crate) fn all<S: crate::Backend>() -> Vec<crate::Case<S>> {
            vec![$(crate::Case {
                name: stringify!($case),
                run: |lab| Box::pin($case(lab)),
            }),*]
        }
    };
}
pub(crate) use list_cases;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// Cases that a module defines but does not list would never run.
    #[test]
    fn every_public_case_is_listed_once() {
        let (mut defined, mut listed) = (Vec::new(), Vec::new());
        for (file, source) in [
            ("access", include_str!("access.rs")),
            ("cascades", include_str!("cascades.rs")),
            ("clients", include_str!("clients.rs")),
            ("codes", include_str!("codes.rs")),
            ("consents", include_str!("consents.rs")),
            ("expiry", include_str!("expiry.rs")),
            ("flows", include_str!("flows.rs")),
            ("identifiers", include_str!("identifiers.rs")),
            ("keys", include_str!("keys.rs")),
            ("leases", include_str!("leases.rs")),
            ("logouts", include_str!("logouts.rs")),
            ("races", include_str!("races.rs")),
            ("refresh", include_str!("refresh.rs")),
            ("session_clients", include_str!("session_clients.rs")),
            ("sessions", include_str!("sessions.rs")),
            ("texts", include_str!("texts.rs")),
            ("trust", include_str!("trust.rs")),
        ] {
            let list = source.split("list_cases!(").nth(1).unwrap();
            let list = list.split(");").next().unwrap();
            listed.extend(
                list.split(',')
                    .map(str::trim)
                    .filter(|name| !name.is_empty()),
            );
            let cases = source
                .lines()
                .filter_map(|l| l.strip_prefix("pub async fn "));
            defined.extend(cases.map(|case| case.split('<').next().unwrap()));
            let run = format!("crate::{file}::all()");
            assert!(include_str!("suite.rs").contains(&run), "{run}");
        }
        let unique: BTreeSet<&str> = listed.iter().copied().collect();
        assert_eq!(unique.len(), listed.len(), "two cases have one name");
        listed.sort_unstable();
        defined.sort_unstable();
        assert_eq!(defined, listed);
    }
}

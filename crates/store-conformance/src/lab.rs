//! What the cases are written with.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use consent_flow::{ConsentRecord, FlowRecord, FlowWritten, Revision, SessionChange};
use oauth_core::{
    AccessRecord, Authorized, CodeRecord, Generation, GrantRecord, NewAuthorization, NewTokens,
    Redeemed,
};
use oauth_types::{AccessSignature, RefreshSignature, StoreError, StoreResult, VerifierHash};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::{Backend, records};

/// How many callers do one thing at the same time.
pub const CALLERS: usize = 24;

/// How often a race between two different steps is run.
pub const ROUNDS: u32 = 100;

/// An empty store to try rules on, and shortcuts for what must be there first.
pub struct Lab<S> {
    /// The store.
    pub store: Arc<S>,
    /// How often races between two different steps are run.
    pub rounds: u32,
}

/// A grant as an authorization leaves it.
pub struct Family {
    /// The flow, with its consent verifier used up.
    pub flow: FlowRecord,
    /// The grant.
    pub grant: GrantRecord,
    /// Its code.
    pub code: CodeRecord,
}

impl<S: Backend> Lab<S> {
    /// Takes an empty store.
    pub fn new(store: S) -> Self {
        Self {
            store: Arc::new(store),
            rounds: ROUNDS,
        }
    }

    /// Sets how often races are run.
    #[must_use]
    pub fn rounds(self, rounds: u32) -> Self {
        Self { rounds, ..self }
    }

    /// Keeps a client.
    pub async fn client(&self, id: &str) -> client_registry::ClientRecord {
        let client = records::client(id);
        ok(self.store.create(client.clone()).await);
        client
    }

    /// Keeps a flow that waits for the login app.
    pub async fn flow(&self, name: &str, client: &str) -> FlowRecord {
        let flow = records::flow(name, client);
        ok(self.store.create_flow(flow.clone()).await);
        flow
    }

    /// Brings a flow to the consent app; its session begins.
    pub async fn at_consent(&self, name: &str, client: &str, subject: &str) -> FlowRecord {
        let flow = self.flow(name, client).await;
        let session = records::session(name, subject);
        let next = records::at_consent(&flow, subject, Some(&session.id));
        let sessions = SessionChange {
            begin: Some(session),
            ..SessionChange::default()
        };
        let taken = self
            .store
            .take_login_verifier(next.clone(), flow.revision, sessions);
        assert_eq!(ok(taken.await), FlowWritten::Done);
        next
    }

    /// Brings a flow to an accepted, remembered consent.
    pub async fn consented(&self, name: &str, client: &str, subject: &str) -> FlowRecord {
        let flow = self.at_consent(name, client, subject).await;
        let next = records::consent_accepted(&flow);
        let consent = records::consent(&next);
        let decided = self
            .store
            .decide_consent(next.clone(), flow.revision, Some(consent));
        assert_eq!(ok(decided.await), FlowWritten::Done);
        next
    }

    /// Brings a flow to its code.
    pub async fn authorized(&self, name: &str, client: &str, subject: &str) -> Family {
        let flow = self.consented(name, client, subject).await;
        let grant = records::grant(&flow);
        self.authorize(flow, grant, None).await
    }

    /// Brings a flow to its code and a front-channel token.
    pub async fn with_front_token(
        &self,
        name: &str,
        client: &str,
        subject: &str,
    ) -> (Family, AccessRecord) {
        let flow = self.consented(name, client, subject).await;
        let grant = records::grant(&flow);
        let front = records::access(&grant, Generation::FIRST, "front");
        let family = self.authorize(flow, grant, Some(front.clone())).await;
        (family, front)
    }

    async fn authorize(
        &self,
        mut flow: FlowRecord,
        grant: GrantRecord,
        access: Option<AccessRecord>,
    ) -> Family {
        let code = records::code(&grant);
        let new = NewAuthorization {
            access,
            ..authorization(&flow, &grant, Some(&code))
        };
        assert_eq!(ok(self.store.authorize(new).await), Authorized::Done);
        flow.state = consent_flow::FlowState::ConsentUsed;
        flow.revision = Revision(flow.revision.0 + 1);
        Family { flow, grant, code }
    }

    /// Brings a flow to its first tokens.
    pub async fn redeemed(&self, name: &str, client: &str, subject: &str) -> (Family, NewTokens) {
        let family = self.authorized(name, client, subject).await;
        let tokens = records::tokens(&family.grant, Generation::FIRST, "first");
        let redeemed = self
            .store
            .redeem_code(&family.code.signature, tokens.clone());
        assert_eq!(ok(redeemed.await), Redeemed::First);
        (family, tokens)
    }

    /// The remembered consent of a user towards a client.
    pub async fn remembered(&self, subject: &str, client: &str) -> Option<ConsentRecord> {
        let (subject, client) = (subject.into(), client.into());
        ok(self.store.remembered_consent(&subject, &client).await)
    }

    /// The identifier forced for a user towards a client.
    pub async fn identifier(&self, client: &str, subject: &str) -> Option<String> {
        let (client, subject) = (client.into(), subject.into());
        ok(self.store.forced_identifier(&client, &subject).await)
    }

    /// Whether an access token is found.
    pub async fn has_access(&self, signature: &AccessSignature) -> bool {
        ok(self.store.access(signature).await).is_some()
    }

    /// Whether a refresh token can be used.
    pub async fn has_live_refresh(&self, signature: &RefreshSignature) -> bool {
        let found = ok(self.store.refresh(signature).await);
        found.is_some_and(|f| f.record.live)
    }

    /// Whether any of these tokens can be used.
    pub async fn has_live(&self, tokens: &NewTokens) -> bool {
        if self.has_access(&tokens.access.signature).await {
            return true;
        }
        match &tokens.refresh {
            Some(refresh) => self.has_live_refresh(&refresh.signature).await,
            None => false,
        }
    }

    /// Lets `callers` do something at the same time and gathers what came of it, in any order.
    pub(crate) async fn race<F, Fut, T>(&self, callers: usize, act: F) -> Vec<T>
    where
        F: Fn(Arc<S>, usize) -> Fut,
        Fut: Future<Output = StoreResult<T>> + Send + 'static,
        T: Send + 'static,
    {
        let start = Arc::new(Barrier::new(callers));
        let mut running = JoinSet::new();
        for caller in 0..callers {
            let (start, step) = (Arc::clone(&start), act(Arc::clone(&self.store), caller));
            running.spawn(async move {
                start.wait().await;
                step.await
            });
        }
        running.join_all().await.into_iter().map(ok).collect()
    }
}

/// Lets two steps run at the same time; what they return is for the caller. From round to round one
/// of them, by turns, starts a little later, so that their writes meet at different points.
pub(crate) async fn duel<A, B>(round: u32, one: A, other: B) -> (A::Output, B::Output)
where
    A: Future<Output: Send + 'static> + Send + 'static,
    B: Future<Output: Send + 'static> + Send + 'static,
{
    let late = (round / 2 % 10).pow(3);
    let (one_waits, other_waits) = if round.is_multiple_of(2) {
        (late, 0)
    } else {
        (0, late)
    };
    let start = Arc::new(Barrier::new(2));
    let one = tokio::spawn(starting(Arc::clone(&start), one_waits, one));
    let other = tokio::spawn(starting(start, other_waits, other));
    match (one.await, other.await) {
        (Ok(one), Ok(other)) => (one, other),
        _ => fail("a racing step died"),
    }
}

/// Runs a step after the start of all and some turns more.
async fn starting<A: Future>(start: Arc<Barrier>, waits: u32, step: A) -> A::Output {
    start.wait().await;
    for _ in 0..waits {
        tokio::task::yield_now().await;
    }
    step.await
}

/// What turns an accepted consent into a grant.
pub(crate) fn authorization(
    flow: &FlowRecord,
    grant: &GrantRecord,
    code: Option<&CodeRecord>,
) -> NewAuthorization {
    NewAuthorization {
        verifier: some(flow.consent_verifier.clone()),
        grant: grant.clone(),
        code: code.cloned(),
        access: None,
    }
}

/// A verifier that nobody has.
pub(crate) fn unknown_verifier() -> VerifierHash {
    VerifierHash::new(records::hex("nobody's verifier", 64))
}

/// Ends a case.
#[track_caller]
#[expect(clippy::panic, reason = "a test suite reports by panicking")]
pub(crate) fn fail(why: &str) -> ! {
    panic!("{why}")
}

/// The value of a step that must not fail.
#[track_caller]
pub(crate) fn ok<T>(result: StoreResult<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => fail(&format!("the store failed: {error:?}")),
    }
}

/// What must be there.
#[track_caller]
pub(crate) fn some<T>(found: Option<T>) -> T {
    match found {
        Some(value) => value,
        None => fail("nothing was found"),
    }
}

/// Expects a step to be refused because of a key.
#[track_caller]
pub(crate) fn conflict<T: Debug>(result: &StoreResult<T>) {
    assert!(
        matches!(result, Err(StoreError::Conflict)),
        "expected a conflict, got {result:?}"
    );
}

/// Expects exactly one of many outcomes to be `wanted` and the rest to be `other`.
#[track_caller]
pub(crate) fn one_wins<T: PartialEq + Debug>(outcomes: &[T], wanted: &T, other: &T) {
    let winners = outcomes.iter().filter(|o| *o == wanted).count();
    let losers = outcomes.iter().filter(|o| *o == other).count();
    assert_eq!(
        (winners, losers),
        (1, outcomes.len() - 1),
        "one {wanted:?} and else {other:?}, not {outcomes:?}"
    );
}

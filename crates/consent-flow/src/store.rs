//! What a back end has to keep about logins, consents and logouts.

use async_trait::async_trait;
use oauth_types::{
    ClientId, ConsentChallenge, Found, LoginChallenge, LogoutChallenge, Page, Paged, SessionId,
    StoreResult, Subject, Timestamp, VerifierHash,
};

/// Where a flow stands. The numbers are stored and are those of Hydra's database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowState {
    /// 1: waits for the login app.
    LoginInitialized,
    /// 2: login accepted, the browser is not back yet.
    LoginAccepted,
    /// 128: login rejected, the browser is not back yet.
    LoginRejected,
    /// 3: the login verifier is used up and the flow went no further.
    LoginUsed,
    /// 4: waits for the consent app.
    ConsentInitialized,
    /// 5: consent accepted, the browser is not back yet. Already counts as a consent.
    ConsentAccepted,
    /// 129: consent rejected, the browser is not back yet.
    ConsentRejected,
    /// 6: the consent verifier is used up.
    ConsentUsed,
}

impl FlowState {
    /// The stored number.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::LoginInitialized => 1,
            Self::LoginAccepted => 2,
            Self::LoginRejected => 128,
            Self::LoginUsed => 3,
            Self::ConsentInitialized => 4,
            Self::ConsentAccepted => 5,
            Self::ConsentRejected => 129,
            Self::ConsentUsed => 6,
        }
    }

    /// Reads the stored number.
    #[must_use]
    pub const fn from_code(code: i16) -> Option<Self> {
        Some(match code {
            1 => Self::LoginInitialized,
            2 => Self::LoginAccepted,
            128 => Self::LoginRejected,
            3 => Self::LoginUsed,
            4 => Self::ConsentInitialized,
            5 => Self::ConsentAccepted,
            129 => Self::ConsentRejected,
            6 => Self::ConsentUsed,
            _ => return None,
        })
    }
}

/// Counts the changes of one flow: 1 when it begins, one more with each write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub i64);

/// One journey through the authorization endpoint as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowRecord {
    /// The key.
    pub login_challenge: LoginChallenge,
    /// Finds the flow when the browser returns from the login app; unique.
    pub login_verifier: VerifierHash,
    /// From the consent step on; unique.
    pub consent_challenge: Option<ConsentChallenge>,
    /// Finds the flow when the browser returns from the consent app; unique.
    pub consent_verifier: Option<VerifierHash>,
    /// Where it stands.
    pub state: FlowState,
    /// Counts writes; see [`FlowStore::write_flow`].
    pub revision: Revision,
    /// The client that started it; the flow goes when the client goes.
    pub client_id: ClientId,
    /// The user, as soon as known.
    pub subject: Option<Subject>,
    /// The login session. Becomes `None` when that session ends.
    pub session_id: Option<SessionId>,
    /// When it began, in full seconds.
    pub requested_at: Timestamp,
    /// From then on the row may be removed.
    pub expires_at: Timestamp,
    /// Everything else, sealed and opaque to the back end.
    pub payload: Vec<u8>,
}

/// Which text a flow is looked up by.
#[derive(Clone, Debug)]
pub enum FlowKey<'a> {
    /// By its login challenge.
    LoginChallenge(&'a LoginChallenge),
    /// By the hash of its login verifier.
    LoginVerifier(&'a VerifierHash),
    /// By its consent challenge.
    ConsentChallenge(&'a ConsentChallenge),
    /// By the hash of its consent verifier.
    ConsentVerifier(&'a VerifierHash),
}

/// The outcome of a write that holds only for an unchanged flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowWritten {
    /// Written; the flow has the revision of the record.
    Done,
    /// Somebody else wrote first, or the flow is gone; nothing changed. Read it again.
    Changed,
}

/// A consent that the user gave, kept apart from its flow and as long as it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRecord {
    /// The key: the flow's consent challenge.
    pub challenge: ConsentChallenge,
    /// To whom.
    pub client_id: ClientId,
    /// By whom; the real subject.
    pub subject: Subject,
    /// In which login session. Becomes `None` when that session ends.
    pub session_id: Option<SessionId>,
    /// Whether it may answer later consent requests.
    pub remember: bool,
    /// When its flow began, in full seconds: orders consents, newest first.
    pub requested_at: Timestamp,
    /// When it ceases to count; from then on it is neither found nor needed.
    pub expires_at: Timestamp,
    /// Granted scopes and all else, sealed and opaque to the back end.
    pub payload: Vec<u8>,
}

/// A login session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// The key, the `sid` claim.
    pub id: SessionId,
    /// Who logged in.
    pub subject: Subject,
    /// When, in full seconds.
    pub authenticated_at: Timestamp,
    /// Whether it may answer later login requests.
    pub remember: bool,
    /// From then on the row may be removed.
    pub expires_at: Timestamp,
}

/// What happens to login sessions when a login verifier is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionChange {
    /// The session that begins (a login that was not skipped).
    pub begin: Option<SessionRecord>,
    /// The session that ends: the one the browser held, when the new login is not remembered or
    /// has failed. Ends as by [`FlowStore::end_session`]; no error if it is gone.
    pub end: Option<SessionId>,
    /// What the client-specific identifier of the user becomes.
    pub forced_identifier: Option<ForcedIdentifier>,
}

/// The identifier that a login app chose for a user towards one pairwise client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForcedIdentifier {
    /// Towards whom.
    pub client_id: ClientId,
    /// The real subject; with `client_id` the key.
    pub subject: Subject,
    /// What the client sees.
    pub identifier: String,
}

/// A logout request as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutRecord {
    /// The key.
    pub challenge: LogoutChallenge,
    /// Finds it when the browser returns; unique.
    pub verifier: VerifierHash,
    /// The client that asked, if one did; the request goes when the client goes.
    pub client_id: Option<ClientId>,
    /// Whose session.
    pub subject: Subject,
    /// Which session.
    pub session_id: SessionId,
    /// How the logout app decided.
    pub state: LogoutState,
    /// Whether the verifier is used up.
    pub used: bool,
    /// When it began.
    pub requested_at: Timestamp,
    /// From then on the row may be removed.
    pub expires_at: Timestamp,
    /// The request URL, the target and the raw verifier, sealed and opaque to the back end.
    pub payload: Vec<u8>,
}

/// How a logout request was decided. The numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoutState {
    /// 0: not yet.
    Pending,
    /// 1: the user agreed.
    Accepted,
    /// 2: the user did not.
    Rejected,
}

impl LogoutState {
    /// The stored number.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Pending => 0,
            Self::Accepted => 1,
            Self::Rejected => 2,
        }
    }

    /// Reads the stored number.
    #[must_use]
    pub const fn from_code(code: i16) -> Option<Self> {
        Some(match code {
            0 => Self::Pending,
            1 => Self::Accepted,
            2 => Self::Rejected,
            _ => return None,
        })
    }
}

/// The outcome of [`FlowStore::take_logout_verifier`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoutTaken {
    /// This caller is the one to carry the logout out.
    First(LogoutRecord),
    /// It was accepted and carried out before.
    Again(LogoutRecord),
    /// Unknown, not accepted or rejected.
    Refused,
}

/// A message to a client's `backchannel_logout_uri` that must not be forgotten (OpenID Connect
/// Back-Channel Logout §2.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// The key: a UUID.
    pub id: String,
    /// To whom; the message goes when the client goes.
    pub client_id: ClientId,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is to be tried next.
    pub due_at: Timestamp,
    /// When it is given up.
    pub expires_at: Timestamp,
    /// Address and logout token, sealed and opaque to the back end.
    pub payload: Vec<u8>,
}

/// Which consents of a user to revoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentsOf {
    /// Those given to one client.
    Client(ClientId),
    /// All.
    Everyone,
}

/// Keeps flows, consents, login sessions and logout requests.
///
/// Has to be the same back end as `ClientStore` and `GrantStore`: flows go with their client,
/// revoking a consent ends its tokens, and using up a consent verifier and keeping the code that it
/// buys is one step (`GrantStore::authorize`).
#[async_trait]
pub trait FlowStore: Send + Sync {
    /// Keeps a new flow. If it has a session and a subject (a login to be skipped), the session
    /// counts as used by the client from now on ([`FlowStore::clients_of_session`]); one that ended
    /// just before is no error and has no clients. A flow may name a session that begins later.
    ///
    /// # Errors
    /// [`oauth_types::StoreError::Conflict`] if its client is gone or a key is taken.
    async fn create_flow(&self, flow: FlowRecord) -> StoreResult<()>;

    /// Finds a flow.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn flow(&self, key: FlowKey<'_>) -> StoreResult<Option<Found<FlowRecord>>>;

    /// Writes a decision of the login app: replaces the flow of the same login challenge if its
    /// revision is still `expected`. `session_id` stays as it is in the store if the session ended
    /// meanwhile.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn write_flow(&self, flow: FlowRecord, expected: Revision) -> StoreResult<FlowWritten>;

    /// Uses up the login verifier: replaces the flow as [`FlowStore::write_flow`] does and changes
    /// login sessions, all or nothing. The record's state is past [`FlowState::LoginRejected`]. If
    /// a session begins or the flow has one, its client joins
    /// [`FlowStore::clients_of_session`]. Of any number of simultaneous callers exactly one gets
    /// [`FlowWritten::Done`].
    ///
    /// # Errors
    /// Only those of the back end.
    async fn take_login_verifier(
        &self,
        flow: FlowRecord,
        expected: Revision,
        sessions: SessionChange,
    ) -> StoreResult<FlowWritten>;

    /// Writes a decision of the consent app: replaces the flow as [`FlowStore::write_flow`] does
    /// and, in the same step, keeps `consent` in the place of the flow's former one, or removes
    /// that (`None`: rejected). The consent has no session if the flow's ended meanwhile.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn decide_consent(
        &self,
        flow: FlowRecord,
        expected: Revision,
        consent: Option<ConsentRecord>,
    ) -> StoreResult<FlowWritten>;

    /// Uses up the consent verifier without giving anything for it (rejected, expired, CSRF). Of any
    /// number of simultaneous callers, those of `GrantStore::authorize` included, one wins.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn take_consent_verifier(
        &self,
        flow: FlowRecord,
        expected: Revision,
    ) -> StoreResult<FlowWritten>;

    /// The newest remembered consent of a user towards a client, expired or not; the caller looks
    /// at its `expires_at`.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn remembered_consent(
        &self,
        subject: &Subject,
        client: &ClientId,
    ) -> StoreResult<Option<ConsentRecord>>;

    /// Consents of a user, newest first, perhaps of one login session only; expired ones included.
    /// `total` counts all consents of the user, whatever the session.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn consents(
        &self,
        subject: &Subject,
        session: Option<&SessionId>,
        page: Page,
    ) -> StoreResult<Paged<ConsentRecord>>;

    /// Revokes consents: removes them, the flows of that user (and client) that reached the consent
    /// step, and all grants, codes and tokens of that user (and client) that came from a flow, in
    /// one step. The clients leave the user's sessions ([`FlowStore::clients_of_session`]): nobody
    /// tells them of a logout any more. Nothing to revoke is no error.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn revoke_consents(&self, subject: &Subject, of: ConsentsOf) -> StoreResult<()>;

    /// Finds a login session.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn session(&self, id: &SessionId) -> StoreResult<Option<SessionRecord>>;

    /// Ends a login session: removes it and empties the session of its flows and consents, which
    /// does not count as a write of the flow ([`Revision`]). `false` if there was none.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn end_session(&self, id: &SessionId) -> StoreResult<bool>;

    /// Ends all login sessions of a user, as [`FlowStore::end_session`] does. Sessions that flows
    /// name but that have not begun are not touched.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn end_sessions_of(&self, subject: &Subject) -> StoreResult<()>;

    /// The clients that used a login session, each once, in any order: whom a logout has to tell.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn clients_of_session(&self, id: &SessionId) -> StoreResult<Vec<ClientId>>;

    /// The identifier forced for a user towards a client, if one was.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn forced_identifier(
        &self,
        client: &ClientId,
        subject: &Subject,
    ) -> StoreResult<Option<String>>;

    /// Keeps a new logout request.
    ///
    /// # Errors
    /// [`oauth_types::StoreError::Conflict`] if its client is gone or a key is taken.
    async fn create_logout(&self, logout: LogoutRecord) -> StoreResult<()>;

    /// Finds a logout request by its challenge.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn logout(&self, challenge: &LogoutChallenge) -> StoreResult<Option<LogoutRecord>>;

    /// Accepts or rejects a logout request, whatever was decided before, and returns it as it is
    /// now; `None` if there is none.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn decide_logout(
        &self,
        challenge: &LogoutChallenge,
        state: LogoutState,
    ) -> StoreResult<Option<LogoutRecord>>;

    /// Uses up the verifier of an accepted logout request. Of any number of simultaneous callers
    /// exactly one gets [`LogoutTaken::First`].
    ///
    /// # Errors
    /// Only those of the back end.
    async fn take_logout_verifier(&self, verifier: &VerifierHash) -> StoreResult<LogoutTaken>;

    /// Ends a login session as [`FlowStore::end_session`] does and queues the messages about it, in
    /// one step. If the session is gone nothing is queued and the answer is `false`.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn end_session_telling(
        &self,
        id: &SessionId,
        deliveries: Vec<DeliveryRecord>,
    ) -> StoreResult<bool>;

    /// Takes at most `limit` messages that are due, puts their `due_at` to `retry_at` and counts
    /// an attempt, so that no other caller gets them before then. Returns them as they are now.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn take_due_deliveries(
        &self,
        now: Timestamp,
        retry_at: Timestamp,
        limit: u32,
    ) -> StoreResult<Vec<DeliveryRecord>>;

    /// Forgets a message: it arrived or was given up. No error if it is gone.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn remove_delivery(&self, id: &str) -> StoreResult<()>;

    /// Removes at most `limit` rows of each kind whose `expires_at` is before `before`; returns how
    /// many in all.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn remove_expired(&self, before: Timestamp, limit: u32) -> StoreResult<u64>;
}

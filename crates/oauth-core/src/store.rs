//! What a back end has to keep about grants, tokens and trusted issuers.

use async_trait::async_trait;
use oauth_types::{
    AccessSignature, ClientGuard, ClientId, CodeSignature, Found, GrantId, Guarded, Page, Paged,
    RefreshSignature, StoreResult, Subject, Timestamp, VerifierHash,
};

/// Counts how often the tokens of a grant were replaced or revoked. Tokens carry the generation they
/// were made in; a refresh or access token of a grant lives only while the grant is in that
/// generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(pub i64);

impl Generation {
    /// The generation of a new grant.
    pub const FIRST: Self = Self(0);

    /// The one after a rotation or a revocation.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A family of tokens that live and die together: what one consent gave.
///
/// The family's state is this one row: ending it is one write, whatever tokens there are, and since
/// a token counts only together with its grant, no race can leave a live one behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRecord {
    /// The key: the consent challenge of its flow.
    pub id: GrantId,
    /// To whom; the grant goes when the client goes.
    pub client_id: ClientId,
    /// By whom.
    pub subject: Subject,
    /// When it was given.
    pub created_at: Timestamp,
    /// From then on the row, and what still hangs on it, may be removed.
    pub expires_at: Timestamp,
}

/// An authorization code as it is stored (RFC 6749 §4.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRecord {
    /// The key.
    pub signature: CodeSignature,
    /// The grant it stands for.
    pub grant_id: GrantId,
    /// For whom.
    pub client_id: ClientId,
    /// Whether it was redeemed. The row stays, so that a replay is noticed.
    pub used: bool,
    /// Whether its PKCE challenge was spent by a wrong verifier; then it cannot be redeemed.
    pub pkce_spent: bool,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ceases to be good.
    pub expires_at: Timestamp,
    /// Redirect URI, PKCE challenge and session, sealed and opaque to the back end.
    pub payload: Vec<u8>,
}

/// A code and the generation that its grant is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundCode {
    /// The row. It counts as used if its grant has ended.
    pub record: CodeRecord,
    /// The present generation of its grant; the tokens bought with the code belong to it.
    pub generation: Generation,
}

/// An access token as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessRecord {
    /// The key.
    pub signature: AccessSignature,
    /// Its grant, if it belongs to a family; machines' tokens stand alone.
    pub grant_id: Option<GrantId>,
    /// The generation of the grant that it belongs to; [`Generation::FIRST`] if it stands alone.
    pub generation: Generation,
    /// For whom; the token goes when the client goes.
    pub client_id: ClientId,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ceases to be good.
    pub expires_at: Timestamp,
    /// The session, sealed and opaque to the back end.
    pub payload: Vec<u8>,
}

/// A refresh token as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshRecord {
    /// The key.
    pub signature: RefreshSignature,
    /// Its grant.
    pub grant_id: GrantId,
    /// The generation of the grant that it belongs to.
    pub generation: Generation,
    /// For whom.
    pub client_id: ClientId,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ceases to be good; [`Timestamp::NEVER`] is allowed.
    pub expires_at: Timestamp,
    /// The session, sealed and opaque to the back end.
    pub payload: Vec<u8>,
}

/// A refresh token and whether it can still be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRefresh {
    /// The row.
    pub record: RefreshRecord,
    /// Whether its grant lives in its generation. A used, rotated or revoked token is not live; its
    /// presentation is a theft or a race. Expiry is not looked at.
    pub live: bool,
    /// The answer kept for a repetition, if this very token was the last one rotated.
    pub repeat: Option<RepeatableAnswer>,
}

/// What an authorization response hands out and what it is kept under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAuthorization {
    /// The consent verifier that pays for it.
    pub verifier: VerifierHash,
    /// The grant that begins.
    pub grant: GrantRecord,
    /// The code, if the response type has one.
    pub code: Option<CodeRecord>,
    /// The access token of the front channel, if the response type has one.
    pub access: Option<AccessRecord>,
}

/// The outcome of [`GrantStore::authorize`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorized {
    /// The verifier is used up and everything is kept.
    Done,
    /// The verifier was used before, or its flow is gone or not accepted; nothing changed.
    VerifierUsed,
}

/// Tokens bought with a code or a refresh token, both of one generation: with a code, that in which
/// its grant was found; with a refresh token, the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTokens {
    /// The access token.
    pub access: AccessRecord,
    /// The refresh token, if one is given.
    pub refresh: Option<RefreshRecord>,
    /// When the grant's row may be removed, now that it has these tokens.
    pub grant_expires_at: Timestamp,
}

/// The outcome of [`GrantStore::redeem_code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// This caller redeemed it.
    First,
    /// It was redeemed before, its PKCE challenge is spent, or its grant has ended; nothing changed.
    Again,
    /// The code is good, but its grant is no longer in the generation of the tokens; nothing changed.
    /// The caller looks the code up again and makes new ones.
    Changed,
    /// There is no such code.
    Unknown,
}

/// A response of the token endpoint that may be given again (roadmap: "Refresh that can be
/// repeated").
#[derive(Clone, PartialEq, Eq)]
pub struct RepeatableAnswer {
    /// The response, sealed under a key derived from the presented refresh token.
    pub sealed: Vec<u8>,
    /// Until when it may be given again.
    pub until: Timestamp,
}

impl std::fmt::Debug for RepeatableAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "RepeatableAnswer({} bytes until {})",
            self.sealed.len(),
            self.until
        )
    }
}

/// A rotation to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The presented token.
    pub old: RefreshSignature,
    /// Its grant.
    pub grant_id: GrantId,
    /// Its generation; the new tokens belong to the next one.
    pub generation: Generation,
    /// What it buys. `refresh` is always there.
    pub new: NewTokens,
    /// The answer, if it may be repeated; kept until the next rotation or its time is over.
    pub repeat: Option<RepeatableAnswer>,
}

/// The outcome of [`GrantStore::rotate_refresh`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// The old tokens are dead, the new ones live.
    Done,
    /// Somebody rotated this very token first and left an answer to repeat.
    Repeated(RepeatableAnswer),
    /// The token is no longer live; nothing changed.
    Lost,
    /// There is no such token.
    Unknown,
}

/// Codes and tokens of grants.
///
/// A token of a grant lives only while its grant lives and is in the token's generation; every
/// look-up reads both in one statement. That makes replay against rotation safe by construction:
/// whatever order their writes take, no live token is left behind. The suite provokes this race.
///
/// Has to be the same back end as `ClientStore` and `FlowStore`.
#[async_trait]
pub trait GrantStore: Send + Sync {
    /// Uses up a consent verifier and keeps what it buys, both or neither. Of any number of
    /// simultaneous callers exactly one gets [`Authorized::Done`]. The flow must be in the state
    /// "consent accepted" and is "consent used" afterwards; its revision rises.
    ///
    /// # Errors
    /// [`oauth_types::StoreError::Conflict`] if a key is taken.
    async fn authorize(&self, new: NewAuthorization) -> StoreResult<Authorized>;

    /// Keeps an access token that stands alone, if its client is unchanged. One statement.
    ///
    /// # Errors
    /// [`oauth_types::StoreError::Conflict`] if its key is taken.
    async fn put_access(&self, token: AccessRecord, client: ClientGuard) -> StoreResult<Guarded>;

    /// Finds a code and its grant's generation, used ones included; not if its grant was removed. One
    /// statement.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn code(&self, signature: &CodeSignature) -> StoreResult<Option<Found<FoundCode>>>;

    /// Marks the PKCE challenge of a code as spent (RFC 7636 §4.6 failed). No error if it is gone.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn spend_pkce(&self, signature: &CodeSignature) -> StoreResult<()>;

    /// Uses up a code and keeps the tokens bought with it, both or neither (RFC 6749 §4.1.2). Of any
    /// number of simultaneous callers exactly one gets [`Redeemed::First`]; not if `pkce_spent` was
    /// set meanwhile. The grant has to be in the generation of the tokens, else the outcome is
    /// [`Redeemed::Changed`]; it stays in it, so a token of the front channel lives on.
    ///
    /// # Errors
    /// [`oauth_types::StoreError::Conflict`] if a key is taken.
    async fn redeem_code(&self, code: &CodeSignature, bought: NewTokens) -> StoreResult<Redeemed>;

    /// Finds a refresh token, dead ones included.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn refresh(
        &self,
        signature: &RefreshSignature,
    ) -> StoreResult<Option<Found<FoundRefresh>>>;

    /// Replaces a refresh token and all access tokens of its grant by new ones (RFC 6749 §6,
    /// RFC 9700 §4.14.2). Of any number of simultaneous callers exactly one gets [`Rotated::Done`].
    ///
    /// # Errors
    /// [`oauth_types::StoreError::Conflict`] if a key is taken.
    async fn rotate_refresh(&self, rotation: Rotation) -> StoreResult<Rotated>;

    /// Ends the tokens of a grant, but not the grant (RFC 7009): raises its generation, so that none
    /// of its tokens lives any more and no answer is repeated. A code that was not redeemed still
    /// buys tokens. A grant that is gone or has ended stays so; doing it twice is no error. One
    /// statement.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn end_tokens(&self, grant: &GrantId) -> StoreResult<()>;

    /// Ends a grant: none of its tokens lives any more, its code counts as used, no answer is
    /// repeated. Rows stay until they expire, so that a replay is recognised. Doing it twice is no
    /// error.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn end_grant(&self, grant: &GrantId) -> StoreResult<()>;

    /// Answers the presentation of a dead refresh token: ends its grant and removes the row of the
    /// presented token, in one step.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn end_grant_by_replay(
        &self,
        grant: &GrantId,
        presented: &RefreshSignature,
    ) -> StoreResult<()>;

    /// Finds an access token that stands alone or whose grant lives in its generation. Expired ones
    /// are found.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn access(&self, signature: &AccessSignature)
    -> StoreResult<Option<Found<AccessRecord>>>;

    /// Removes one access token. No error if there is none.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn remove_access(&self, signature: &AccessSignature) -> StoreResult<()>;

    /// Removes all access tokens of a client; its refresh tokens stay.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn remove_access_of(&self, client: &ClientId) -> StoreResult<()>;

    /// Removes at most `limit` rows of each kind whose `expires_at` is before `before`; returns how
    /// many in all. A grant goes with its codes and tokens.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn remove_expired(&self, before: Timestamp, limit: u32) -> StoreResult<u64>;
}

/// An issuer whose assertions are accepted (RFC 7523 §3), as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerRecord {
    /// The key: a UUID.
    pub id: String,
    /// The `iss` of its assertions, also the name of its key set.
    pub issuer: String,
    /// For which subject; `None`: for any.
    pub subject: Option<Subject>,
    /// The scopes it may ask for.
    pub scope: Vec<String>,
    /// Its key in the key set named `issuer`; the record goes when the key goes.
    pub kid: String,
    /// When it was trusted, in full seconds.
    pub created_at: Timestamp,
    /// Until when, in full seconds.
    pub expires_at: Timestamp,
}

/// The outcome of [`TrustStore::claim_jti`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// Nobody used it before, or that use has expired.
    First,
    /// It is in use.
    Known,
}

/// Keeps trusted issuers and used assertion ids. Has to be the same back end as `KeyStore`.
#[async_trait]
pub trait TrustStore: Send + Sync {
    /// Trusts an issuer. Its key exists.
    ///
    /// # Errors
    /// [`oauth_types::StoreError::Conflict`] if issuer, subject and kid are trusted already, or the
    /// key is gone.
    async fn create_issuer(&self, issuer: IssuerRecord) -> StoreResult<()>;

    /// Finds one by its id.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn issuer(&self, id: &str) -> StoreResult<Option<IssuerRecord>>;

    /// One page in ascending order of `id`, perhaps of one issuer; `total` counts **all** records,
    /// whatever the filter.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn issuers(&self, issuer: Option<&str>, page: Page) -> StoreResult<Paged<IssuerRecord>>;

    /// All records that may vouch for `subject` at `issuer` and have not expired at `now`: those of
    /// that subject first, then those for any; at most 100.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn issuers_for(
        &self,
        issuer: &str,
        subject: &Subject,
        now: Timestamp,
    ) -> StoreResult<Vec<IssuerRecord>>;

    /// Withdraws trust; the issuer's key goes with the last record that refers to it. `false` if
    /// there was none.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn delete_issuer(&self, id: &str) -> StoreResult<bool>;

    /// Claims the id of an assertion until `expires_at` (RFC 7523 §3 no. 7). `namespace` tells
    /// clients and issuers apart, `hash` is the lower-case hexadecimal SHA-256 of the `jti`. Of any
    /// number of simultaneous callers exactly one gets [`Claimed::First`].
    ///
    /// # Errors
    /// Only those of the back end.
    async fn claim_jti(
        &self,
        namespace: &str,
        hash: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> StoreResult<Claimed>;

    /// Removes at most `limit` rows of each kind whose `expires_at` is before `before`; returns how
    /// many in all.
    ///
    /// # Errors
    /// Only those of the back end.
    async fn remove_expired(&self, before: Timestamp, limit: u32) -> StoreResult<u64>;
}

//! Trusted issuers (RFC 7523 §3): whose assertions are accepted, and by which key.

use crypto::Jwk;
use jwk_store::KeyFault;
use oauth_types::{
    EntropyExt, ErrorCode, OAuthError, Page, Paged, StoreError, StoreResult, Subject, Timestamp,
};

use crate::{Core, IssuerRecord};

/// How long a subject may be, in characters.
const LONGEST_SUBJECT: usize = 255;

/// The moment that stands for none: 0001-01-01T00:00:00Z. Hydra: sent, it counts as not given.
const NO_TIME: Timestamp = Timestamp::from_secs(-62_135_596_800);

/// How often the key of a new issuer is put back if it is removed meanwhile.
const TRIES: usize = 3;

/// An issuer that is to be trusted.
#[derive(Clone, Debug)]
pub struct NewIssuer {
    /// The `iss` of its assertions, any text.
    pub issuer: String,
    /// The subject it may vouch for; empty: none is named.
    pub subject: String,
    /// Whether it may vouch for any subject.
    pub allow_any_subject: bool,
    /// The scopes it may ask for.
    pub scope: Vec<String>,
    /// What verifies its assertions. If the key set of the issuer's name has a key of that id, that
    /// one counts.
    pub jwk: Option<Jwk>,
    /// Until when it is trusted; may be in the past.
    pub expires_at: Option<Timestamp>,
}

/// Why an issuer is not trusted. The texts go to the administrator as they are.
#[derive(Debug, thiserror::Error)]
pub enum TrustFault {
    /// No issuer.
    #[error("Field 'issuer' is required.")]
    NoIssuer,
    /// Neither a subject nor any.
    #[error("One of 'subject' or 'allow_any_subject' field must be set.")]
    NoSubject,
    /// A subject and any.
    #[error("Both 'subject' and 'allow_any_subject' fields cannot be set at the same time.")]
    BothSubjects,
    /// No end.
    #[error("Field 'expires_at' is required.")]
    NoExpiry,
    /// No key, or one without an id.
    #[error("Field 'jwk' must contain JWK with kid header.")]
    NoKey,
    /// A subject that not every back end can keep.
    #[error("Field 'subject' must not be longer than 255 characters.")]
    SubjectTooLong,
    /// Issuer, subject and key id are trusted already.
    #[error("the issuer is trusted already for this subject and key")]
    Known,
    /// The key cannot be kept.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<TrustFault> for OAuthError {
    fn from(fault: TrustFault) -> Self {
        match fault {
            TrustFault::Key(fault) => fault.into(),
            TrustFault::Store(error) => error.into(),
            TrustFault::Known => ErrorCode::Duplicate.into(),
            TrustFault::SubjectTooLong => Self::new(ErrorCode::Malformed).hint(fault.to_string()),
            _ => Self::new(ErrorCode::MissingRequiredParameter).hint(fault.to_string()),
        }
    }
}

impl Core {
    /// Trusts an issuer, and keeps its key in the key set of its name.
    ///
    /// # Errors
    /// The first [`TrustFault`].
    pub async fn trust_issuer(
        &self,
        new: NewIssuer,
        now: Timestamp,
    ) -> Result<IssuerRecord, TrustFault> {
        let (record, key) = new.checked(self.entropy.uuid(), now)?;
        for _ in 0..TRIES {
            self.keys.add_if_absent(&record.issuer, &key).await?;
            match self.trust.create_issuer(record.clone()).await {
                Ok(()) => return Ok(record),
                // Known already, or the key was removed meanwhile and has to be put back.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            if self.keys.has_key(&record.issuer, &record.kid).await? {
                break;
            }
        }
        Err(TrustFault::Known)
    }

    /// A trusted issuer by its id.
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn trusted_issuer(&self, id: &str) -> StoreResult<Option<IssuerRecord>> {
        self.trust.issuer(id).await
    }

    /// One page of them by id, perhaps of one issuer; the total counts all.
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn trusted_issuers(
        &self,
        issuer: Option<&str>,
        page: Page,
    ) -> StoreResult<Paged<IssuerRecord>> {
        self.trust.issuers(issuer, page).await
    }

    /// Withdraws trust; the key goes with the last record that refers to it. `false` if there was
    /// none.
    ///
    /// # Errors
    /// Only those of the storage.
    pub async fn distrust_issuer(&self, id: &str) -> StoreResult<bool> {
        let Some(record) = self.trust.issuer(id).await? else {
            return Ok(false);
        };
        let deleted = self.trust.delete_issuer(id).await;
        self.keys.forget(&record.issuer);
        deleted
    }
}

impl NewIssuer {
    /// What is to be stored. The checks stand in Hydra's order, since the first fault is the one
    /// that is told.
    fn checked(self, id: String, now: Timestamp) -> Result<(IssuerRecord, Jwk), TrustFault> {
        if self.issuer.is_empty() {
            return Err(TrustFault::NoIssuer);
        }
        match (self.subject.is_empty(), self.allow_any_subject) {
            (true, false) => return Err(TrustFault::NoSubject),
            (false, true) => return Err(TrustFault::BothSubjects),
            _ => {}
        }
        let expires_at = self.expires_at.filter(|at| *at != NO_TIME);
        let expires_at = expires_at.ok_or(TrustFault::NoExpiry)?;
        let key = self.jwk.filter(|key| !key.kid().is_empty());
        let key = key.ok_or(TrustFault::NoKey)?;
        if self.subject.chars().count() > LONGEST_SUBJECT {
            return Err(TrustFault::SubjectTooLong);
        }
        let record = IssuerRecord {
            id,
            issuer: self.issuer,
            subject: (!self.allow_any_subject).then(|| Subject::new(self.subject)),
            scope: stored_scope(&self.scope),
            kid: key.kid().to_owned(),
            created_at: now.round_to_secs(),
            expires_at: expires_at.round_to_secs(),
        };
        Ok((record, key))
    }
}

/// Hydra: scopes are kept in one text with `|` between them, so that one that contains it is two
/// afterwards, and a single empty one is none.
fn stored_scope(scope: &[String]) -> Vec<String> {
    let joined = scope.join("|");
    if joined.is_empty() {
        return Vec::new();
    }
    joined.split('|').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str) -> Option<Jwk> {
        Jwk::parse_text(&format!(r#"{{"kty":"oct","k":"AAAA","kid":"{kid}"}}"#)).ok()
    }

    fn whole() -> NewIssuer {
        NewIssuer {
            issuer: "https://idp.example".to_owned(),
            subject: "alice".to_owned(),
            allow_any_subject: false,
            scope: vec!["read".to_owned()],
            jwk: key("k"),
            expires_at: Some(Timestamp::from_micros(2_000_000_500_000)),
        }
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut NewIssuer), fault: &str) {
        let mut new = whole();
        change(&mut new);
        let now = Timestamp::from_micros(1_499_999);
        let found = new.checked("id".to_owned(), now).err();
        assert_eq!(found.map(|f| f.to_string()).unwrap_or_default(), fault);
    }

    #[test]
    fn the_first_thing_that_is_missing_is_told() {
        const SUBJECT: &str = "One of 'subject' or 'allow_any_subject' field must be set.";
        const EXPIRY: &str = "Field 'expires_at' is required.";
        const KEY: &str = "Field 'jwk' must contain JWK with kid header.";
        check(|_| {}, "");
        check(|new| new.issuer.clear(), "Field 'issuer' is required.");
        check(|new| new.subject.clear(), SUBJECT);
        check(
            |new| new.allow_any_subject = true,
            "Both 'subject' and 'allow_any_subject' fields cannot be set at the same time.",
        );
        check(|new| new.expires_at = None, EXPIRY);
        check(
            |new| new.expires_at = Timestamp::parse_rfc3339("0001-01-01T00:00:00Z"),
            EXPIRY,
        );
        check(|new| new.jwk = None, KEY);
        check(|new| new.jwk = key(""), KEY);
        check(
            |new| (new.subject, new.jwk) = (String::new(), None),
            SUBJECT,
        );
        check(|new| (new.expires_at, new.jwk) = (None, None), EXPIRY);
    }

    #[test]
    fn times_are_kept_in_whole_seconds() {
        let now = Timestamp::from_micros(1_499_999);
        let (record, _) = whole().checked("id".to_owned(), now).unwrap();
        assert_eq!(record.created_at, Timestamp::from_secs(1));
        assert_eq!(record.expires_at, Timestamp::from_secs(2_000_001));
    }

    #[test]
    fn scopes_are_kept_as_one_text() {
        for (sent, kept) in [
            (vec![], vec![]),
            (vec![""], vec![]),
            (vec!["a b", "c"], vec!["a b", "c"]),
            (vec!["a|b", "c"], vec!["a", "b", "c"]),
            (vec!["", "a"], vec!["", "a"]),
        ] {
            let sent: Vec<String> = sent.into_iter().map(str::to_owned).collect();
            assert_eq!(stored_scope(&sent), kept);
        }
    }
}

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use oauth_types::{Secret, Timestamp};

use crate::{cookies::Cookies, id_token::IdToken, jose};

/// The cookie with the session id. Browsers do not tell cookies apart by port, so its name must
/// be ours alone.
pub(super) const COOKIE: &str = "hydrus_demo_shop";

/// Seconds.
const LIFETIME: i64 = 3600;
const MOST: usize = 1000;

/// What the relying party knows about one browser.
#[derive(Default)]
pub(crate) struct Session {
    /// A login that is under way.
    pub(super) pending: Option<Pending>,
    /// Somebody is logged in.
    pub(super) login: Option<Login>,
    /// What the last button did, shown by the next page.
    pub(super) outcome: Option<Outcome>,
    /// The `state` of a logout that is under way.
    pub(super) leaving: Option<String>,
}

/// What was sent to the authorization endpoint and must fit to what comes back.
pub(super) struct Pending {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) code_verifier: Secret,
}

/// The tokens of somebody who is logged in.
pub(super) struct Login {
    pub(super) access_token: Secret,
    /// The access token before the last refresh.
    pub(super) previous_access_token: Option<Secret>,
    pub(super) refresh_token: Option<Secret>,
    /// As it came; needed again for logging out.
    pub(super) raw_id_token: Secret,
    pub(super) id_token: IdToken,
    pub(super) nonce: String,
    pub(super) scope: String,
    pub(super) expires_at: Timestamp,
    pub(super) revoked: bool,
}

/// What Hydrus answered.
pub(super) struct Outcome {
    pub(super) title: &'static str,
    /// Method and path.
    pub(super) request: &'static str,
    pub(super) status: u16,
    pub(super) body: String,
    /// What it means.
    pub(super) meaning: &'static str,
    pub(super) good: bool,
}

/// A session that others wait for while one request works on it: two clicks on "Refresh" must
/// not spend one refresh token twice, for Hydrus would take that for theft.
pub(super) type Shared = Arc<tokio::sync::Mutex<Session>>;

/// All sessions; the oldest gives way when there are too many.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Entry>>);

struct Entry {
    begun: Timestamp,
    session: Shared,
}

impl Sessions {
    /// Keeps a session and returns its id.
    pub(super) fn insert(&self, session: Session, now: Timestamp) -> String {
        let id = jose::random_text();
        let mut all = self.lock();
        all.retain(|_, entry| !entry.is_over(now));
        if all.len() >= MOST {
            let oldest = all.iter().min_by_key(|(_, entry)| entry.begun);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                all.remove(&oldest);
            }
        }
        let entry = Entry {
            begun: now,
            session: Arc::new(tokio::sync::Mutex::new(session)),
        };
        all.insert(id.clone(), entry);
        id
    }

    /// The session that the browser's cookie names.
    pub(super) fn find(&self, cookies: &Cookies, now: Timestamp) -> Option<Shared> {
        let all = self.lock();
        let entry = all.get(cookies.get(COOKIE)?)?;
        (!entry.is_over(now)).then(|| Arc::clone(&entry.session))
    }

    /// Ends the session that the browser's cookie names.
    pub(super) fn remove(&self, cookies: &Cookies) {
        if let Some(id) = cookies.get(COOKIE) {
            self.lock().remove(id);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_over(&self, now: Timestamp) -> bool {
        self.begun.plus_secs(LIFETIME) <= now
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, header};

    use super::*;

    fn cookies(id: &str) -> Cookies {
        let mut headers = HeaderMap::new();
        let pair = format!("{COOKIE}={id}");
        headers.insert(header::COOKIE, pair.parse().unwrap());
        Cookies::of(&headers)
    }

    #[test]
    fn sessions_end_after_their_time_or_by_removal() {
        let (sessions, start) = (Sessions::default(), Timestamp::from_secs(1000));
        let id = cookies(&sessions.insert(Session::default(), start));
        assert!(sessions.find(&id, start.plus_secs(LIFETIME - 1)).is_some());
        assert!(sessions.find(&id, start.plus_secs(LIFETIME)).is_none());
        assert!(sessions.find(&cookies("another"), start).is_none());
        sessions.remove(&id);
        assert!(sessions.find(&id, start).is_none());
    }

    #[test]
    fn the_oldest_session_gives_way() {
        let (sessions, start) = (Sessions::default(), Timestamp::from_secs(1000));
        let first = cookies(&sessions.insert(Session::default(), start));
        let later = start.plus_secs(1);
        let second = cookies(&sessions.insert(Session::default(), later));
        for _ in 0..MOST - 1 {
            sessions.insert(Session::default(), later.plus_secs(1));
        }
        assert!(sessions.find(&first, later).is_none());
        assert!(sessions.find(&second, later).is_some());
        assert_eq!(sessions.lock().len(), MOST);
    }
}

//! Key sets that clients publish at an address of their own (RFC 7591 §2, `jwks_uri`).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use client_registry::ClientKeys;
use crypto::Jwk;
use oauth_types::{
    Duration, ErrorCode, Fetch, FetchError, FetchRequest, OAuthError, Reach, Timestamp,
};

/// How long a set is believed.
const BELIEVED: Duration = Duration::from_secs(3_600);
/// How often at the most an address is asked because a key is not in its set: anybody can name
/// keys that do not exist.
const ASKED_AGAIN: Duration = Duration::from_secs(10);
/// How many sets are remembered; when there are more, all are forgotten and fetched anew.
const REMEMBERED: usize = 1_000;
/// Larger documents are not read. Bytes.
const LARGEST: usize = 1024 * 1024;

struct Known {
    keys: Arc<[Jwk]>,
    fetched_at: Timestamp,
    asked_again_at: Option<Timestamp>,
}

/// Fetches key sets and remembers them for an hour.
pub struct RemoteKeys {
    fetch: Arc<dyn Fetch>,
    known: Mutex<HashMap<String, Known>>,
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKeys").finish_non_exhaustive()
    }
}

impl RemoteKeys {
    /// Nothing is fetched yet.
    #[must_use]
    pub fn new(fetch: Arc<dyn Fetch>) -> Self {
        Self {
            fetch,
            known: Mutex::default(),
        }
    }

    /// The keys at an address, perhaps as they were up to an hour ago.
    pub(crate) async fn keys(
        &self,
        url: &str,
        reach: Reach,
        now: Timestamp,
    ) -> Result<Arc<[Jwk]>, OAuthError> {
        let remembered = self
            .lock()
            .get(url)
            .and_then(|known| (now.since(known.fetched_at) < BELIEVED).then(|| known.keys.clone()));
        match remembered {
            Some(keys) => Ok(keys),
            None => self.fetched(url, reach, now, None).await,
        }
    }

    /// The keys as they are now, since one was missed; `None` if they were asked for a moment ago
    /// for that reason.
    pub(crate) async fn newer(
        &self,
        url: &str,
        reach: Reach,
        now: Timestamp,
    ) -> Result<Option<Arc<[Jwk]>>, OAuthError> {
        if let Some(known) = self.lock().get_mut(url) {
            if known
                .asked_again_at
                .is_some_and(|at| now.since(at) < ASKED_AGAIN)
            {
                return Ok(None);
            }
            known.asked_again_at = Some(now);
        }
        self.fetched(url, reach, now, Some(now)).await.map(Some)
    }

    async fn fetched(
        &self,
        url: &str,
        reach: Reach,
        now: Timestamp,
        asked_again_at: Option<Timestamp>,
    ) -> Result<Arc<[Jwk]>, OAuthError> {
        let keys: Arc<[Jwk]> = self.document(url, reach).await?.into();
        let mut known = self.lock();
        if known.len() >= REMEMBERED && !known.contains_key(url) {
            known.clear();
        }
        known.insert(
            url.to_owned(),
            Known {
                keys: keys.clone(),
                fetched_at: now,
                asked_again_at,
            },
        );
        Ok(keys)
    }

    async fn document(&self, url: &str, reach: Reach) -> Result<Vec<Jwk>, OAuthError> {
        let refuse = |hint: String| OAuthError::new(ErrorCode::ServerError).hint(hint);
        let mut request = FetchRequest::get(url, reach).follow(FetchRequest::REDIRECTS);
        request.max_bytes = LARGEST;
        let answer = self.fetch.fetch(request).await.map_err(|error| {
            let hint = match error {
                FetchError::Address(_) => format!(
                    "Unable to create HTTP 'GET' request to fetch  JSON Web Keys from location \
                     '{url}'."
                ),
                _ => format!(
                    "Unable to fetch JSON Web Keys from location '{url}'. Check for typos or other \
                     network issues."
                ),
            };
            refuse(hint).debug(error.to_string())
        })?;
        if !(200..400).contains(&answer.status) {
            return Err(refuse(format!(
                "Expected successful status code in range of 200 - 399 from location '{url}' but \
                 received code {}.",
                answer.status
            )));
        }
        let unreadable = |why: String| {
            refuse(format!(
                "Unable to decode JSON Web Keys from location '{url}'. Please check for typos and \
                 if the URL returns valid JSON."
            ))
            .debug(why)
        };
        let text = String::from_utf8(answer.body).map_err(|why| unreadable(why.to_string()))?;
        Ok(ClientKeys::parse(&text).map_err(unreadable)?.keys())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use oauth_types::FetchResponse;

    use super::*;

    const SET: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    /// Gives the same answer again and again, and counts.
    struct Counting(Result<FetchResponse, FetchError>, AtomicUsize);

    #[async_trait]
    impl Fetch for Counting {
        async fn fetch(&self, _: FetchRequest) -> Result<FetchResponse, FetchError> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.clone()
        }

        async fn addresses(&self, _: &str) -> Vec<IpAddr> {
            Vec::new()
        }
    }

    fn remote(status: u16, body: &str) -> (RemoteKeys, Arc<Counting>) {
        let body = body.as_bytes().to_vec();
        let fetch = Arc::new(Counting(Ok(FetchResponse { status, body }), 0.into()));
        (RemoteKeys::new(fetch.clone()), fetch)
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    #[tokio::test]
    async fn a_set_is_fetched_once_an_hour_and_again_for_a_missed_key_but_not_too_often() {
        let (remote, fetch) = remote(200, SET);
        let (url, anywhere) = ("https://a/jwks", Reach::Everywhere);
        for (now, missed, found, calls) in [
            (0, false, true, 1),
            (3_599, false, true, 1),
            (3_600, false, true, 2),
            (3_601, true, true, 3),
            (3_605, true, false, 3),
            (3_611, true, true, 4),
            (7_200, false, true, 4),
            (7_211, false, true, 5),
        ] {
            let keys = if missed {
                remote.newer(url, anywhere, at(now)).await.unwrap()
            } else {
                Some(remote.keys(url, anywhere, at(now)).await.unwrap())
            };
            assert_eq!(keys.is_some_and(|keys| keys.len() == 1), found, "{now}");
            assert_eq!(fetch.1.load(Ordering::Relaxed), calls, "{now}");
        }
    }

    #[tokio::test]
    async fn what_is_no_key_set_is_told_and_not_remembered() {
        for (status, body, text) in [
            (404, SET, "but received code 404."),
            (199, SET, "but received code 199."),
            (200, "[]", "if the URL returns valid JSON."),
            (200, "<html>", "if the URL returns valid JSON."),
        ] {
            let (remote, fetch) = remote(status, body);
            for _ in 0..2 {
                let keys = remote.keys("https://a/", Reach::Everywhere, at(0)).await;
                let told = keys.unwrap_err().description(false);
                assert!(told.ends_with(text), "{told}");
            }
            assert_eq!(fetch.1.load(Ordering::Relaxed), 2);
        }
        let (remote, _) = remote(201, "{}");
        let keys = remote.keys("https://a/", Reach::Everywhere, at(0)).await;
        assert_eq!(keys.unwrap().len(), 0);
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_told_apart_from_one_that_is_silent() {
        for (error, text) in [
            (
                FetchError::Address("x".into()),
                "Unable to create HTTP 'GET' request to fetch  JSON Web Keys from location 'u'.",
            ),
            (
                FetchError::GaveUp(500),
                "from location 'u'. Check for typos or other network issues.",
            ),
        ] {
            let remote = RemoteKeys::new(Arc::new(Counting(Err(error), 0.into())));
            let told = remote.keys("u", Reach::Everywhere, at(0)).await;
            assert!(told.unwrap_err().description(false).ends_with(text));
        }
    }
}

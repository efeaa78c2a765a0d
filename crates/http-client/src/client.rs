use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use oauth_types::{Fetch, FetchError, FetchRequest, FetchResponse};

use crate::connect::{Failed, Tls, addresses};
use crate::exchange::{Answered, exchange};
use crate::target::Target;

/// How long other servers are waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For one attempt, from the look-up of the name to the last byte, redirects included.
    pub attempt: Duration,
    /// Before each further attempt.
    pub pauses: Vec<Duration>,
    /// For the addresses of a name that only has to be checked.
    pub look_up: Duration,
}

impl Default for Patience {
    /// Hydra's: thirty seconds, two more attempts after one and two seconds, two seconds.
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(30),
            pauses: [1, 2].map(Duration::from_secs).to_vec(),
            look_up: Duration::from_secs(2),
        }
    }
}

/// Fetches over HTTP/1.1 with and without TLS. Every request has a connection of its own; cheap to
/// make, cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct HttpClient {
    patience: Patience,
    tls: Arc<Tls>,
}

impl HttpClient {
    /// A client that waits as long as it is told to.
    #[must_use]
    pub fn new(patience: Patience) -> Self {
        Self {
            patience,
            tls: Arc::default(),
        }
    }

    async fn attempt(&self, request: &FetchRequest) -> Result<FetchResponse, Failed> {
        let mut target = Target::parse(&request.url).map_err(Failed::for_good)?;
        let mut body = request.body.as_ref();
        for _ in 0..=request.redirects {
            match exchange(&target, request, body, &self.tls).await? {
                Answered::Answer(answer) if worth_another(answer.status) => {
                    return Err(Failed {
                        error: FetchError::GaveUp(answer.status),
                        worth_another: true,
                    });
                }
                Answered::Answer(answer) => return Ok(answer),
                Answered::Elsewhere {
                    location,
                    keep_body,
                } => {
                    target = target.join(&location).map_err(Failed::for_good)?;
                    body = body.filter(|_| keep_body);
                }
            }
        }
        let why = format!("stopped after {} redirects", request.redirects);
        Err(Failed::for_good(FetchError::Unreachable(why)))
    }

    async fn attempt_in_time(&self, request: &FetchRequest) -> Result<FetchResponse, Failed> {
        match tokio::time::timeout(self.patience.attempt, self.attempt(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failed::for_now("the server took too long")),
        }
    }
}

#[async_trait]
impl Fetch for HttpClient {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let mut pauses = self.patience.pauses.iter();
        loop {
            let failed = match self.attempt_in_time(&request).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            tracing::warn!(http.request = ?request, error = %failed.error, "a call failed");
            match pauses.next() {
                Some(pause) if failed.worth_another => tokio::time::sleep(*pause).await,
                _ => return Err(failed.error),
            }
        }
    }

    async fn addresses(&self, host: &str) -> Vec<IpAddr> {
        tokio::time::timeout(self.patience.look_up, addresses(host))
            .await
            .unwrap_or_default()
    }
}

/// Answers of a server that may do better in a moment.
fn worth_another(status: u16) -> bool {
    status == 429 || (status >= 500 && status != 501)
}

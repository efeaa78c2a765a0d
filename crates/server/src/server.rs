use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use provider::Provider;
use telemetry::{HttpExchange, HttpMetrics, UNMATCHED};
use tracing::Instrument;

use crate::cors::{self, Admission, Cors};
use crate::extract::{Body, Request};
use crate::not_found::{method_not_allowed, not_found};
use crate::respond::{self, Response};
use crate::router::{Found, Router, logged_path, prefixed, push_query};
use crate::routes::{CrossOrigin, Route};
use crate::state::State;
use crate::{Limits, Listener, ServerError, ServerOptions};

/// Both HTTP interfaces of a provider.
///
/// [`Server::handle`] answers a request without any socket, for tests and for services that have a
/// hyper or axum server already; [`crate::serve`] listens.
pub struct Server {
    state: State,
    public: Router,
    admin: Router,
    public_cors: Option<Cors>,
    admin_cors: Option<Cors>,
    requests: AtomicU64,
}

/// Which line of the table a request met, for the log and the metrics.
#[derive(Clone, Copy)]
struct Matched {
    operation: &'static str,
    endpoint: &'static str,
}

impl Matched {
    fn route(route: &Route) -> Self {
        Self {
            operation: route.operation,
            endpoint: route.path,
        }
    }

    /// None; the router itself answers.
    fn nothing(operation: &'static str) -> Self {
        Self {
            operation,
            endpoint: UNMATCHED,
        }
    }
}

/// About as many bytes as a request had on the wire; of a body that was too large, none.
fn about_bytes(head: &http::request::Parts, body: &Body) -> usize {
    let target = head.uri.path_and_query().map_or(0, |t| t.as_str().len());
    let lines = head.headers.iter().map(|(n, v)| n.as_str().len() + v.len());
    let body = match body {
        Body::Whole(bytes) => bytes.len(),
        Body::TooLarge => 0,
    };
    head.method.as_str().len() + target + "HTTP/1.1".len() + lines.sum::<usize>() + body
}

impl Server {
    /// Builds the routes.
    ///
    /// # Errors
    /// Only if the table of routes contradicts itself.
    pub fn new(provider: Arc<Provider>, options: ServerOptions) -> Result<Self, ServerError> {
        Ok(Self {
            public_cors: options.public_cors.as_ref().map(Cors::new),
            admin_cors: options.admin_cors.as_ref().map(Cors::new),
            state: State {
                provider,
                metrics: HttpMetrics::new(&options.version),
                options,
            },
            public: Router::new(Listener::Public)?,
            admin: Router::new(Listener::Admin)?,
            requests: AtomicU64::new(1),
        })
    }

    /// The bounds of connections.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.state.options.limits
    }

    /// Answers a request that came in at a listener. Whatever sends the answer leaves out the body
    /// of a HEAD.
    pub async fn handle(
        &self,
        listener: Listener,
        request: http::Request<Bytes>,
    ) -> http::Response<Bytes> {
        let (head, body) = request.into_parts();
        let body = if body.len() > self.limits().body_bytes {
            Body::TooLarge
        } else {
            Body::Whole(body)
        };
        self.answer(listener, head, body).await
    }

    /// Answers, and writes the line of the access log.
    pub(crate) async fn answer(
        &self,
        listener: Listener,
        head: http::request::Parts,
        body: Body,
    ) -> Response {
        let began = Instant::now();
        let id = self.request_id(&head.headers);
        let method = head.method.clone();
        let path = head.uri.path().to_owned();
        let span = tracing::info_span!("http.request", request.id = %id);
        let request_bytes = about_bytes(&head, &body);
        let (matched, response) = self
            .cross_origin(listener, head, body)
            .instrument(span)
            .await;
        let took = began.elapsed();
        self.state.metrics.count(&HttpExchange {
            endpoint: matched.endpoint,
            method: method.as_str(),
            status: response.status().as_u16(),
            took,
            request_bytes,
            response_bytes: response.body().len(),
        });
        tracing::info!(
            request.id = %id,
            http.listener = listener.as_str(),
            http.method = %method,
            http.path = %logged_path(&path),
            http.operation = matched.operation,
            http.status = response.status().as_u16(),
            size_bytes = response.body().len(),
            took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "answered a request"
        );
        response
    }

    /// Routes a request. The admin listener treats all its paths alike when it comes to other
    /// origins; the public one decides by route.
    async fn cross_origin(
        &self,
        listener: Listener,
        head: http::request::Parts,
        body: Body,
    ) -> (Matched, Response) {
        let Some(cors) = self
            .admin_cors
            .as_ref()
            .filter(|_| listener == Listener::Admin)
        else {
            return self.route(listener, head, body).await;
        };
        let asked = cors::Asked::by(&head.method, &head.headers);
        let admission = cors.plain(&asked);
        if asked.is_preflight() {
            return (
                Matched::nothing("preflight"),
                cors.preflight(&asked, admission),
            );
        }
        let (matched, mut response) = self.route(listener, head, body).await;
        cors.mark(&asked, admission, response.headers_mut());
        (matched, response)
    }

    /// Answers a route of the public listener, with what pages of other origins have to know.
    async fn respond(&self, route: &Route, request: &Request) -> Response {
        let cors = match (route.cross_origin(), &self.public_cors) {
            (CrossOrigin::Never, _) | (_, None) => None,
            (_, Some(_)) if request.listener == Listener::Admin => None,
            (rule, Some(cors)) => Some((rule, cors)),
        };
        let Some((rule, cors)) = cors else {
            return (route.handler)(&self.state, request).await;
        };
        let asked = cors::Asked::by(&request.method, &request.headers);
        let admission = match rule {
            CrossOrigin::Plain | CrossOrigin::Never => cors.plain(&asked),
            CrossOrigin::ByClient => match cors.by_client(&asked) {
                Admission::Refused if !asked.origin().is_empty() => {
                    let provider = &self.state.provider;
                    let bearer = request.bearer();
                    if provider.caller_admits_origin(&bearer, asked.origin()).await {
                        Admission::Echoed
                    } else {
                        Admission::Refused
                    }
                }
                admission => admission,
            },
        };
        if asked.is_preflight() {
            return cors.preflight(&asked, admission);
        }
        let mut response = (route.handler)(&self.state, request).await;
        cors.mark(&asked, admission, response.headers_mut());
        response
    }

    async fn route(
        &self,
        listener: Listener,
        head: http::request::Parts,
        body: Body,
    ) -> (Matched, Response) {
        let router = match listener {
            Listener::Public => &self.public,
            Listener::Admin => &self.admin,
        };
        let (path, query) = (head.uri.path(), head.uri.query());
        match router.find(&head.method, path) {
            Found::Route(route, params) => {
                let request = Request {
                    listener,
                    path: path.to_owned(),
                    query: query.unwrap_or_default().to_owned(),
                    params,
                    method: head.method,
                    headers: head.headers,
                    body,
                };
                let mut response = self.respond(route, &request).await;
                if route.keeps_out_of_caches() {
                    let headers = response.headers_mut();
                    headers
                        .entry(header::CACHE_CONTROL)
                        .or_insert(respond::NOT_CACHED);
                }
                (Matched::route(route), response)
            }
            Found::Unprefixed(endpoint) => {
                let policy = self.state.provider.policy();
                let url = prefixed(&policy.urls.admin, path, query);
                let mut response =
                    respond::redirect(StatusCode::TEMPORARY_REDIRECT, &head.method, &url);
                response
                    .headers_mut()
                    .insert(header::CACHE_CONTROL, respond::NOT_CACHED);
                let matched = Matched {
                    operation: "unprefixed",
                    endpoint,
                };
                (matched, response)
            }
            Found::Canonical(mut url) => {
                push_query(&mut url, query);
                let status = if head.method == http::Method::GET {
                    StatusCode::MOVED_PERMANENTLY
                } else {
                    StatusCode::TEMPORARY_REDIRECT
                };
                (
                    Matched::nothing("canonical"),
                    respond::redirect(status, &head.method, &url),
                )
            }
            Found::MethodNotAllowed { allow } => {
                (Matched::nothing("unmatched"), method_not_allowed(allow))
            }
            Found::Options { allow } => {
                let response = respond::empty(StatusCode::OK);
                (
                    Matched::nothing("options"),
                    respond::with_header(response, header::ALLOW, allow),
                )
            }
            Found::Malformed => {
                let response = respond::plain_error(StatusCode::BAD_REQUEST, "400 Bad Request");
                (
                    Matched::nothing("unmatched"),
                    respond::with_header(response, header::CONNECTION, "close"),
                )
            }
            Found::Nothing => (
                Matched::nothing("unmatched"),
                not_found(listener, &head.headers),
            ),
        }
    }

    /// The caller's request id, if it can be logged, or a number.
    fn request_id(&self, headers: &HeaderMap) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let given = headers.get("x-request-id").and_then(|id| id.to_str().ok());
        match given {
            Some(id)
                if !id.is_empty()
                    && id.len() <= 128
                    && id.bytes().all(|b| b.is_ascii_graphic()) =>
            {
                id.to_owned()
            }
            _ => number.to_string(),
        }
    }
}

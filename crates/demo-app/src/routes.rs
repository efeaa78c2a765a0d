//! All addresses of the demo.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use hyper::body::Body;

use crate::{
    app::App, consent, login, logout, pages, problem::Problem, relying_party, respond,
    respond::Reply, visit::Visit,
};

const TIME_LIMIT: Duration = Duration::from_secs(30);
const SHOWN: usize = 1000;

/// Paths and their methods.
const PATHS: [(&str, &str); 16] = [
    // The relying party.
    ("/", "GET"),
    ("/start", "POST"),
    ("/callback", "GET"),
    ("/tokens", "GET"),
    ("/tokens/refresh", "POST"),
    ("/tokens/introspect", "POST"),
    ("/tokens/userinfo", "POST"),
    ("/tokens/revoke", "POST"),
    ("/sign-out", "POST"),
    ("/logged-out", "GET"),
    // The apps that Hydrus sends browsers to.
    ("/login", "GET, POST"),
    ("/consent", "GET, POST"),
    ("/logout", "GET, POST"),
    ("/error", "GET"),
    // What the pages need.
    ("/style.css", "GET"),
    ("/icon.svg", "GET"),
];

/// Answers one request.
pub(crate) async fn answer<B>(app: &App, request: Request<B>) -> Reply
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut visit = Visit::of_head(&request);
    let answered = tokio::time::timeout(TIME_LIMIT, handle(app, &mut visit, request)).await;
    let reply = match answered {
        Ok(Ok(reply)) => reply,
        Ok(Err(problem)) => respond::problem(app, &visit, &problem),
        Err(_) => {
            let problem = Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "This took too long",
                "Try again in a moment.",
            );
            respond::problem(app, &visit, &problem)
        }
    };
    let status = reply.status().as_u16();
    tracing::debug!(http.method = %visit.method, http.path = %visit.path, http.status = status,
        "The demo answered");
    reply
}

async fn handle<B>(app: &App, visit: &mut Visit, request: Request<B>) -> Result<Reply, Problem>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if let Some(reply) = at_our_address(app, visit)? {
        return Ok(reply);
    }
    let Some((_, allow)) = PATHS.iter().find(|(path, _)| *path == visit.path) else {
        return Err(Problem::not_found());
    };
    if !allow.split(", ").any(|method| visit.method == *method) {
        return Err(Problem::wrong_method(allow));
    }
    let posted = visit.method == Method::POST;
    if posted {
        visit.read_form(request).await?;
    }
    match (visit.path.as_str(), posted) {
        ("/", _) => relying_party::home(app, visit).await,
        ("/start", _) => relying_party::start(app, visit).await,
        ("/callback", _) => relying_party::callback(app, visit).await,
        ("/tokens", _) => relying_party::show_tokens(app, visit).await,
        ("/tokens/refresh", _) => relying_party::refresh(app, visit).await,
        ("/tokens/introspect", _) => relying_party::introspect(app, visit).await,
        ("/tokens/userinfo", _) => relying_party::userinfo(app, visit).await,
        ("/tokens/revoke", _) => relying_party::revoke(app, visit).await,
        ("/sign-out", _) => relying_party::sign_out(app, visit).await,
        ("/logged-out", _) => relying_party::logged_out(app, visit).await,
        ("/login", false) => login::show(app, visit).await,
        ("/login", true) => login::submit(app, visit).await,
        ("/consent", false) => consent::show(app, visit).await,
        ("/consent", true) => consent::submit(app, visit).await,
        ("/logout", false) => logout::show(app, visit).await,
        ("/logout", true) => logout::submit(app, visit).await,
        ("/error", _) => show_error(app, visit),
        ("/style.css", _) => Ok(respond::style()),
        ("/icon.svg", _) => Ok(respond::icon()),
        _ => Err(Problem::not_found()),
    }
}

/// Brings a browser that used another name of this machine to the address that is registered as
/// redirect URI, since cookies go by name; refuses all names that are not of this machine, so
/// that a foreign site cannot point its own name here (DNS rebinding).
fn at_our_address(app: &App, visit: &Visit) -> Result<Option<Reply>, Problem> {
    let ours = app.config.listen.to_string();
    let port = app.config.listen.port();
    // Browsers leave out the port that http has anyway.
    let asked = match visit.host.as_str() {
        host if port == 80 && !host.ends_with(":80") => format!("{host}:80"),
        host => host.to_owned(),
    };
    if asked == ours {
        return Ok(None);
    }
    let names = ["127.0.0.1", "[::1]", "localhost"];
    if names.iter().any(|name| asked == format!("{name}:{port}")) {
        let query = visit.raw_query.as_deref();
        let query = query.map(|q| format!("?{q}")).unwrap_or_default();
        return respond::see_other(&format!("http://{ours}{}{query}", visit.path)).map(Some);
    }
    Err(Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "The demo is not at this address",
        format!("Open http://{ours}/ instead."),
    ))
}

/// Where Hydrus sends browsers with errors that it must not send to a client (`urls.error`).
fn show_error(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let shown = |name| -> String { visit.query.text(name).chars().take(SHOWN).collect() };
    let template = pages::ErrorPage {
        error: shown("error"),
        description: shown("error_description"),
        hint: shown("error_hint"),
        debug: shown("error_debug"),
    };
    respond::page(app, visit, StatusCode::BAD_REQUEST, &template, [])
}

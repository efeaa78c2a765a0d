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

#[cfg(test)]
mod tests {
    use http::header;
    use http_body_util::Full;

    use super::*;
    use crate::app;

    const TOKEN: &str = "ttttttttttttttttttttttttttttttttttttttttttt";

    async fn ask(method: &str, host: &str, target: &str, form: &str) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header(header::HOST, host)
            .header(header::COOKIE, format!("hydrus_demo_csrf={TOKEN}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form.to_owned())))
            .unwrap();
        answer(&app::alone(), request).await
    }

    async fn check(method: &str, target: &str, form: &str, status: u16) -> Reply {
        let reply = ask(method, "127.0.0.1:5555", target, form).await;
        assert_eq!(reply.status().as_u16(), status, "{method} {target}");
        reply
    }

    #[tokio::test]
    async fn every_path_is_answered_and_only_by_its_methods() {
        for (path, allow) in PATHS {
            for method in ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"] {
                let reply = ask(method, "127.0.0.1:5555", path, "").await;
                let known = allow.split(", ").any(|m| m == method);
                let refused = reply.status() == StatusCode::METHOD_NOT_ALLOWED;
                assert_eq!(refused, !known, "{method} {path}");
                assert_ne!(reply.status(), StatusCode::NOT_FOUND, "{method} {path}");
                let shown = reply.headers().get(header::ALLOW);
                assert_eq!(
                    shown.is_some_and(|a| a == allow),
                    refused,
                    "{method} {path}"
                );
            }
        }
        check("GET", "/login/", "", 404).await;
        check("GET", "//login", "", 404).await;
    }

    #[tokio::test]
    async fn no_form_is_taken_without_its_token() {
        for (path, allow) in PATHS {
            if allow.contains("POST") {
                check("POST", path, "login_challenge=c&csrf=forged", 403).await;
                check("POST", path, "login_challenge=c", 403).await;
            }
        }
    }

    #[tokio::test]
    async fn all_answers_carry_the_headers_that_protect() {
        for target in [
            "/",
            "/error?error=x",
            "/login",
            "/nowhere",
            "/logged-out",
            "/style.css",
        ] {
            let reply = ask("GET", "127.0.0.1:5555", target, "").await;
            let value = |name| {
                reply
                    .headers()
                    .get(name)
                    .map_or("", |v| v.to_str().unwrap())
            };
            let policy = value(header::CONTENT_SECURITY_POLICY);
            assert!(
                policy.starts_with("default-src 'none';"),
                "{target}: {policy}"
            );
            assert!(
                policy.contains("frame-ancestors 'none'"),
                "{target}: {policy}"
            );
            assert_eq!(value(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{target}");
            assert_eq!(value(header::REFERRER_POLICY), "no-referrer", "{target}");
            let kept = value(header::CACHE_CONTROL) != "no-store";
            assert_eq!(kept, target == "/style.css", "{target}");
        }
    }

    #[tokio::test]
    async fn other_names_lead_to_the_registered_one_or_nowhere() {
        for (host, status) in [
            ("127.0.0.1:5555", 200),
            ("localhost:5555", 303),
            ("[::1]:5555", 303),
            ("rebound.example:5555", 421),
            ("127.0.0.1:5556", 421),
            ("127.0.0.1", 421),
            ("", 421),
        ] {
            let reply = ask("GET", host, "/?a=b", "").await;
            assert_eq!(reply.status().as_u16(), status, "{host}");
            if status == 303 {
                assert_eq!(
                    reply.headers()[header::LOCATION],
                    "http://127.0.0.1:5555/?a=b"
                );
            }
        }
    }

    #[tokio::test]
    async fn what_cannot_be_done_is_said() {
        let long = format!("/login?login_challenge={}", "x".repeat(5000));
        let posted = format!("csrf={TOKEN}&consent_challenge=c&action=allow");
        for (method, target, form, status) in [
            ("GET", "/login", "", 400),
            ("GET", "/login?login_challenge=", "", 400),
            ("GET", long.as_str(), "", 400),
            ("GET", "/login?login_challenge=c", "", 502),
            ("POST", "/consent", posted.as_str(), 502),
            ("POST", "/logout", posted.as_str(), 400),
            ("POST", "/start", posted.as_str(), 502),
            ("POST", "/tokens/refresh", posted.as_str(), 403),
            ("GET", "/tokens", "", 303),
            ("GET", "/callback?code=c&state=s", "", 400),
            ("GET", "/error", "", 400),
        ] {
            check(method, target, form, status).await;
        }
    }
}

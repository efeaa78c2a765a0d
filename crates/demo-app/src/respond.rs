use askama::Template;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;

use crate::{app::App, csp, pages, problem::Problem, visit::Visit};

/// An answer to the browser.
pub(crate) type Reply = Response<Full<Bytes>>;

const STYLE: &str = include_str!("../assets/style.css");
const ICON: &str = include_str!("../assets/icon.svg");

/// Shows a page. `client_uris` are places where its forms may end besides here and at Hydrus.
pub(crate) fn page<'a>(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    template: &impl Template,
    client_uris: impl IntoIterator<Item = &'a str>,
) -> Result<Reply, Problem> {
    let html = template
        .render()
        .map_err(|e| Problem::internal(e.to_string()))?;
    let mut reply = bare(status, "text/html; charset=utf-8", html.into());
    let policy = csp::policy(&app.config.public, client_uris);
    put(&mut reply, header::CONTENT_SECURITY_POLICY, &policy);
    match visit.csrf.set_cookie() {
        Some(cookie) => Ok(with_cookie(reply, &cookie)),
        None => Ok(reply),
    }
}

/// Sends the browser on with a GET, after a form as after a link.
pub(crate) fn see_other(location: &str) -> Result<Reply, Problem> {
    let location = HeaderValue::from_str(location)
        .map_err(|_| Problem::internal("the next address does not fit into a header"))?;
    let mut reply = bare(
        StatusCode::SEE_OTHER,
        "text/plain; charset=utf-8",
        Bytes::new(),
    );
    reply.headers_mut().insert(header::LOCATION, location);
    Ok(reply)
}

/// Adds a `Set-Cookie` header.
pub(crate) fn with_cookie(mut reply: Reply, cookie: &str) -> Reply {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        reply.headers_mut().append(header::SET_COOKIE, value);
    }
    reply
}

/// Shows what went wrong.
pub(crate) fn problem(app: &App, visit: &Visit, problem: &Problem) -> Reply {
    let shown = pages::ProblemPage {
        title: &problem.title,
        text: &problem.text,
        detail: problem.detail.as_deref(),
    };
    let mut reply = page(app, visit, problem.status, &shown, []).unwrap_or_else(|_| {
        let text = Bytes::from(problem.title.clone());
        bare(problem.status, "text/plain; charset=utf-8", text)
    });
    if let Some(allow) = problem.allow {
        put(&mut reply, header::ALLOW, allow);
    }
    reply
}

/// The style sheet of all pages.
pub(crate) fn style() -> Reply {
    asset("text/css; charset=utf-8", STYLE)
}

/// The icon of all pages.
pub(crate) fn icon() -> Reply {
    asset("image/svg+xml", ICON)
}

fn asset(content_type: &'static str, text: &'static str) -> Reply {
    let mut reply = bare(
        StatusCode::OK,
        content_type,
        Bytes::from_static(text.as_bytes()),
    );
    put(&mut reply, header::CACHE_CONTROL, "public, max-age=300");
    reply
}

/// An answer with the headers that all have. `no-referrer`, since addresses hold challenges and
/// codes.
fn bare(status: StatusCode, content_type: &'static str, body: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        reply
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    reply
}

fn put(reply: &mut Reply, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(name, value);
    }
}

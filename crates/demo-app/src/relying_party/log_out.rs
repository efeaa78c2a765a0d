//! Logging out, here and at Hydrus (OpenID Connect RP-Initiated Logout).

use http::StatusCode;

use super::sessions::COOKIE;
use crate::{
    app::App,
    cookies, jose, pages,
    problem::Problem,
    respond::{self, Reply},
    visit::Visit,
};

/// `POST /sign-out`: sends the browser to the end session endpoint. The session here ends when
/// the browser comes back, for the person may still say no.
pub(crate) async fn sign_out(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let Some(session) = app.sessions.find(&visit.cookies, app.clock.now()) else {
        return respond::see_other("/");
    };
    let mut session = session.lock().await;
    let Some(login) = &session.login else {
        return respond::see_other("/");
    };
    let state = jose::random_text();
    let mut url = app.provider.metadata().await?.end_session_endpoint.clone();
    url.query_pairs_mut()
        .append_pair("id_token_hint", login.raw_id_token.expose())
        .append_pair("post_logout_redirect_uri", &app.config.logged_out_url())
        .append_pair("state", &state);
    session.leaving = Some(state);
    respond::see_other(url.as_str())
}

/// `GET /logged-out`: the browser is back from the end session endpoint, with our `state` if it
/// was we who asked.
pub(crate) async fn logged_out(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let ours = match app.sessions.find(&visit.cookies, app.clock.now()) {
        Some(session) => {
            let session = session.lock().await;
            let state = visit.query.text("state");
            let leaving = session.leaving.as_deref();
            leaving.is_some_and(|expected| jose::equal(expected, state))
        }
        None => false,
    };
    let template = pages::LoggedOutPage { here: ours };
    let reply = respond::page(app, visit, StatusCode::OK, &template, [])?;
    if !ours {
        return Ok(reply);
    }
    app.sessions.remove(&visit.cookies);
    Ok(respond::with_cookie(reply, &cookies::remove(COOKIE)))
}

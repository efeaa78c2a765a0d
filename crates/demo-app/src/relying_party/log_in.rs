//! Logging in: start page, authorization request, callback.

use http::StatusCode;
use oauth_types::Secret;

use super::{
    provider::TokenAnswer,
    sessions::{COOKIE, Login, Pending, Session},
};
use crate::{
    app::App,
    cookies, jose, pages,
    problem::Problem,
    respond::{self, Reply},
    visit::Visit,
};

/// `GET /`: the start page.
pub(crate) async fn home(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let name = match app.sessions.find(&visit.cookies, app.clock.now()) {
        Some(session) => session.lock().await.login.as_ref().map(Login::shown_name),
        None => None,
    };
    let template = pages::HomePage {
        csrf: visit.csrf.token(),
        name,
        scope: &app.provider.client.scope,
    };
    respond::page(app, visit, StatusCode::OK, &template, [])
}

/// `POST /start`: sends the browser to the authorization endpoint (RFC 6749 §4.1.1).
pub(crate) async fn start(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let pending = Pending {
        state: jose::random_text(),
        nonce: jose::random_text(),
        code_verifier: Secret::new(jose::random_text()),
    };
    let mut url = app
        .provider
        .metadata()
        .await?
        .authorization_endpoint
        .clone();
    url.query_pairs_mut()
        .append_pair("client_id", &app.provider.client.id)
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", &app.config.callback_url())
        .append_pair("scope", &app.provider.client.scope)
        .append_pair("state", &pending.state)
        .append_pair("nonce", &pending.nonce)
        .append_pair(
            "code_challenge",
            &jose::s256(pending.code_verifier.expose()),
        )
        .append_pair("code_challenge_method", "S256");
    let reply = respond::see_other(url.as_str())?;

    let now = app.clock.now();
    if let Some(session) = app.sessions.find(&visit.cookies, now) {
        session.lock().await.pending = Some(pending);
        return Ok(reply);
    }
    let session = Session {
        pending: Some(pending),
        ..Session::default()
    };
    let id = app.sessions.insert(session, now);
    Ok(respond::with_cookie(reply, &cookies::set(COOKIE, &id)))
}

/// `GET /callback`: the browser is back (RFC 6749 §4.1.2).
pub(crate) async fn callback(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let now = app.clock.now();
    let pending = match app.sessions.find(&visit.cookies, now) {
        Some(session) => {
            let mut session = session.lock().await;
            // A forged answer must not end the login that is under way, so look before taking.
            let expected = session.pending.as_ref().map(|p| p.state.as_str());
            match expected {
                Some(state) if jose::equal(state, visit.query.text("state")) => {}
                _ => return Err(not_ours()),
            }
            session.pending.take().ok_or_else(not_ours)?
        }
        None => return Err(not_ours()),
    };
    if !visit.query.text("error").is_empty() {
        return Err(refused(visit));
    }
    let code = visit.query.text("code");
    if code.is_empty() {
        return Err(Problem::bad_request(
            "The answer of Hydrus has neither a code nor an error.",
        ));
    }

    let verifier = pending.code_verifier.expose();
    let answer = app.provider.redeem(code, verifier).await?;
    let tokens: Option<TokenAnswer> = answer.json();
    let Some(tokens) = tokens.filter(|_| answer.status == StatusCode::OK) else {
        return Err(Problem::new(
            StatusCode::BAD_GATEWAY,
            "The code was not accepted",
            "Hydrus gave a code and then did not take it back. Log in once more.",
        )
        .with_detail(format!("{}: {}", answer.status, answer.excerpt())));
    };
    let Some(raw_id_token) = tokens.id_token.clone() else {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "You were not logged in",
            "You did not let this application know who you are (scope openid), and without that \
             it cannot tell you from others.",
        ));
    };
    let nonce = &pending.nonce;
    let id_token = app
        .provider
        .validate(&raw_id_token, &tokens, nonce, None, now)
        .await?;

    let session = Session {
        login: Some(Login {
            access_token: Secret::new(tokens.access_token),
            previous_access_token: None,
            refresh_token: tokens.refresh_token.map(Secret::new),
            raw_id_token: Secret::new(raw_id_token),
            id_token,
            nonce: pending.nonce,
            scope: tokens.scope,
            expires_at: now.plus_secs(tokens.expires_in),
            revoked: false,
        }),
        ..Session::default()
    };
    // A new id: whoever knew the one from before the login gains nothing (session fixation).
    app.sessions.remove(&visit.cookies);
    let id = app.sessions.insert(session, now);
    let reply = respond::see_other("/tokens")?;
    Ok(respond::with_cookie(reply, &cookies::set(COOKIE, &id)))
}

impl Login {
    /// What to call the person.
    pub(super) fn shown_name(&self) -> String {
        let texts = ["name", "email", "sub"].map(|claim| self.id_token.text(claim));
        let found = texts.into_iter().find(|text| !text.is_empty());
        found.unwrap_or_default().to_owned()
    }
}

fn not_ours() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "This answer was not asked for",
        "No login is under way in this browser that it belongs to: it was finished already, took \
         too long, or was begun elsewhere. Log in again from the start page.",
    )
    .with_detail("The parameter state does not fit to this session.")
}

/// Hydrus sent an error instead of a code (RFC 6749 §4.1.2.1).
fn refused(visit: &Visit) -> Problem {
    let shown = |name| -> String { visit.query.text(name).chars().take(1000).collect() };
    let error = shown("error");
    let (status, text) = match error.as_str() {
        "access_denied" => (
            StatusCode::FORBIDDEN,
            "The request was denied. If that was you: all is well, and nothing was passed on.",
        ),
        _ => (
            StatusCode::BAD_REQUEST,
            "Hydrus could not log you in. Try again from the start page.",
        ),
    };
    Problem::new(status, "You were not logged in", text)
        .with_detail(format!("{error}: {}", shown("error_description")))
}

#[cfg(test)]
mod tests {
    use http::{Request, header};

    use super::*;
    use crate::app;

    async fn check(app: &App, id: &str, query: &str, status: u16, title: &str) {
        let request = Request::get(format!("/callback?{query}"))
            .header(header::COOKIE, format!("{COOKIE}={id}"))
            .body(())
            .unwrap();
        let problem = callback(app, &Visit::of_head(&request)).await.unwrap_err();
        assert_eq!(problem.status.as_u16(), status, "{query}");
        assert_eq!(problem.title, title, "{query}");
    }

    #[tokio::test]
    async fn only_the_answer_that_was_asked_for_is_taken_and_only_once() {
        const NOT_OURS: &str = "This answer was not asked for";
        let app = app::alone();
        let session = Session {
            pending: Some(Pending {
                state: "right".into(),
                nonce: "n".into(),
                code_verifier: Secret::new("v"),
            }),
            ..Session::default()
        };
        let id = app.sessions.insert(session, app.clock.now());
        let denied = "error=access_denied&error_description=No&state=right";

        check(&app, "another", denied, 400, NOT_OURS).await;
        check(&app, &id, "code=c&state=wrong", 400, NOT_OURS).await;
        check(&app, &id, "code=c&state=", 400, NOT_OURS).await;
        check(&app, &id, "code=c", 400, NOT_OURS).await;
        // The forged answers did not end the login.
        check(&app, &id, denied, 403, "You were not logged in").await;
        check(&app, &id, denied, 400, NOT_OURS).await;
    }
}

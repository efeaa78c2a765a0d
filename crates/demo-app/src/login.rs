//! The login app (`urls.login`): finds out who sits at the browser and tells Hydrus.

use http::StatusCode;

use crate::{
    accounts::{ACCOUNTS, Account, PASSWORD},
    admin_api::{AcceptLogin, Asked, Kind, LoginRequest},
    app::App,
    pages,
    problem::Problem,
    respond::{self, Reply},
    visit::Visit,
};

/// How long a login is remembered, seconds.
const REMEMBER_FOR: u32 = 3600;
const EMAIL_LIMIT: usize = 254;

/// `GET /login?login_challenge=…`: Hydrus sent the browser here.
pub(crate) async fn show(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let challenge = visit.challenge(Kind::Login)?;
    let request = match app
        .admin
        .ask::<LoginRequest>(Kind::Login, challenge)
        .await?
    {
        Asked::Waiting(request) => request,
        Asked::MovedOn(to) => return respond::see_other(&to),
    };
    if request.skip {
        // Hydrus knows this browser. We may still refuse, or ask for more, but not name another.
        let body = AcceptLogin {
            subject: request.subject,
            ..AcceptLogin::default()
        };
        let to = app.admin.accept(Kind::Login, challenge, &body).await?;
        return respond::see_other(&to);
    }
    let email = match visit.query.text("email") {
        "" => request.oidc_context.login_hint.clone(),
        chosen => chosen.to_owned(),
    };
    form(
        app,
        visit,
        &request,
        challenge,
        &Filled {
            email,
            remember: false,
            wrong: false,
        },
    )
}

/// `POST /login`: the form was sent.
pub(crate) async fn submit(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let challenge = visit.challenge(Kind::Login)?;
    // Asked again: the request may have been answered in another tab.
    let request = match app
        .admin
        .ask::<LoginRequest>(Kind::Login, challenge)
        .await?
    {
        Asked::Waiting(request) => request,
        Asked::MovedOn(to) => return respond::see_other(&to),
    };
    if visit.form.text("action") == "cancel" {
        let to = app.admin.reject(Kind::Login, challenge).await?;
        return respond::see_other(to.as_deref().unwrap_or("/"));
    }
    let remember = visit.form.text("remember") == "yes";
    let email = visit.form.text("email");
    let Some(account) = Account::log_in(email, visit.form.text("password")) else {
        return form(
            app,
            visit,
            &request,
            challenge,
            &Filled {
                email: email.to_owned(),
                remember,
                wrong: true,
            },
        );
    };
    let body = AcceptLogin {
        subject: account.subject.to_owned(),
        remember: Some(remember),
        remember_for: Some(REMEMBER_FOR),
        // How strong the login was. We have one strength only and say that it is the one wanted.
        acr: Some(last_acr(&request)),
        amr: vec!["pwd"],
    };
    let to = app.admin.accept(Kind::Login, challenge, &body).await?;
    respond::see_other(&to)
}

struct Filled {
    email: String,
    remember: bool,
    wrong: bool,
}

fn form(
    app: &App,
    visit: &Visit,
    request: &LoginRequest,
    challenge: &str,
    filled: &Filled,
) -> Result<Reply, Problem> {
    let template = pages::LoginPage {
        csrf: visit.csrf.token(),
        challenge,
        client_name: request.client.shown_name(),
        email: filled.email.chars().take(EMAIL_LIMIT).collect(),
        remember: filled.remember,
        wrong: filled.wrong,
        accounts: &ACCOUNTS,
        password: PASSWORD,
    };
    let status = if filled.wrong {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::OK
    };
    let uris = request.client.redirect_uris.iter().flatten();
    respond::page(app, visit, status, &template, uris.map(String::as_str))
}

fn last_acr(request: &LoginRequest) -> String {
    let wanted = request.oidc_context.acr_values.last();
    wanted.cloned().unwrap_or_else(|| "0".to_owned())
}

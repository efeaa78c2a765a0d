//! The logout app (`urls.logout`): asks whether the person really wants to go and tells Hydrus.

use http::StatusCode;
use serde_json::json;

use crate::{
    accounts::Account,
    admin_api::{Asked, ClientInfo, Kind, LogoutRequest},
    app::App,
    pages,
    problem::Problem,
    respond::{self, Reply},
    visit::Visit,
};

/// `GET /logout?logout_challenge=…`: Hydrus sent the browser here.
pub(crate) async fn show(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let challenge = visit.challenge(Kind::Logout)?;
    let request = match app
        .admin
        .ask::<LogoutRequest>(Kind::Logout, challenge)
        .await?
    {
        Asked::Waiting(request) => request,
        Asked::MovedOn(to) => return respond::see_other(&to),
    };
    let client = request.client.as_ref();
    let template = pages::LogoutPage {
        csrf: visit.csrf.token(),
        challenge,
        person: Account::by_subject(&request.subject).map_or(&*request.subject, |a| a.name),
        client_name: client.map(ClientInfo::shown_name),
    };
    let uris = client.and_then(|c| c.post_logout_redirect_uris.as_ref());
    let uris = uris.into_iter().flatten().map(String::as_str);
    respond::page(app, visit, StatusCode::OK, &template, uris)
}

/// `POST /logout`: the form was sent.
pub(crate) async fn submit(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let challenge = visit.challenge(Kind::Logout)?;
    if visit.form.text("action") == "log-out" {
        let to = app
            .admin
            .accept(Kind::Logout, challenge, &json!({}))
            .await?;
        return respond::see_other(&to);
    }
    app.admin.reject(Kind::Logout, challenge).await?;
    respond::see_other("/")
}

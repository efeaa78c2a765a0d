//! The consent app (`urls.consent`): asks what a client may do and tells Hydrus.

use http::StatusCode;
use serde_json::json;

use crate::{
    accounts::Account,
    admin_api::{AcceptConsent, Asked, ConsentRequest, ConsentSession, Kind},
    app::App,
    pages,
    problem::Problem,
    respond::{self, Reply},
    visit::Visit,
};

/// How long a consent is remembered, seconds.
const REMEMBER_FOR: u32 = 3600;

/// `GET /consent?consent_challenge=…`: Hydrus sent the browser here.
pub(crate) async fn show(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let challenge = visit.challenge(Kind::Consent)?;
    let request = match app
        .admin
        .ask::<ConsentRequest>(Kind::Consent, challenge)
        .await?
    {
        Asked::Waiting(request) => request,
        Asked::MovedOn(to) => return respond::see_other(&to),
    };
    if request.skip || request.client.skip_consent {
        // Granted before, or never to be asked for. The claims come anew: the person may have
        // changed their name since.
        let granted = request.requested_scope.clone();
        let body = acceptance(&request, granted, false);
        let to = app.admin.accept(Kind::Consent, challenge, &body).await?;
        return respond::see_other(&to);
    }
    let scopes = request.requested_scope.iter().map(|name| pages::Scope {
        name,
        explanation: explanation(name),
    });
    let template = pages::ConsentPage {
        csrf: visit.csrf.token(),
        challenge,
        client_name: request.client.shown_name(),
        person: Account::by_subject(&request.subject).map_or(&*request.subject, |a| a.name),
        scopes: scopes.collect(),
        audience: &request.requested_access_token_audience,
    };
    let uris = request.client.redirect_uris.iter().flatten();
    let uris = uris.map(String::as_str);
    respond::page(app, visit, StatusCode::OK, &template, uris)
}

/// `POST /consent`: the form was sent.
pub(crate) async fn submit(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let challenge = visit.challenge(Kind::Consent)?;
    let request = match app
        .admin
        .ask::<ConsentRequest>(Kind::Consent, challenge)
        .await?
    {
        Asked::Waiting(request) => request,
        Asked::MovedOn(to) => return respond::see_other(&to),
    };
    if visit.form.text("action") != "allow" {
        let to = app.admin.reject(Kind::Consent, challenge).await?;
        return respond::see_other(to.as_deref().unwrap_or("/"));
    }
    let granted = granted(&request.requested_scope, visit.form.all("scope"));
    let remember = visit.form.text("remember") == "yes";
    let body = acceptance(&request, granted, remember);
    let to = app.admin.accept(Kind::Consent, challenge, &body).await?;
    respond::see_other(&to)
}

/// What was ticked and asked for. Hydrus takes the answer at its word, so it is we who make sure
/// that a tampered form grants nothing else.
fn granted<'a>(requested: &[String], ticked: impl Iterator<Item = &'a str>) -> Vec<String> {
    let ticked: Vec<&str> = ticked.collect();
    let both = requested.iter().filter(|s| ticked.contains(&s.as_str()));
    both.cloned().collect()
}

fn acceptance(request: &ConsentRequest, granted: Vec<String>, remember: bool) -> AcceptConsent {
    let account = Account::by_subject(&request.subject);
    let mut session = ConsentSession {
        id_token: account.map(|a| a.claims(&granted)).unwrap_or_default(),
        ..ConsentSession::default()
    };
    session
        .access_token
        .insert("granted_by".to_owned(), json!("the demo's consent app"));
    AcceptConsent {
        grant_scope: granted,
        grant_access_token_audience: request.requested_access_token_audience.clone(),
        session,
        remember,
        remember_for: REMEMBER_FOR,
    }
}

/// What a scope means to somebody who has never heard of scopes.
fn explanation(scope: &str) -> &'static str {
    match scope {
        "openid" => "Know that it is you, by an identifier that stays the same",
        "offline" | "offline_access" => "Keep this access while you are away, until you end it",
        "profile" => "See your name",
        "email" => "See your email address",
        "address" => "See your postal address",
        "phone" => "See your phone number",
        _ => "Something that only the application itself can explain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(scopes: &[&str]) -> ConsentRequest {
        serde_json::from_value(json!({
            "skip": false, "subject": "user-1815", "requested_scope": scopes,
            "requested_access_token_audience": ["https://api.example.org"], "client": {},
        }))
        .unwrap()
    }

    #[test]
    fn only_what_was_asked_for_and_ticked_is_granted() {
        for (ticked, result) in [
            (vec!["email", "openid"], vec!["openid", "email"]),
            (vec!["openid", "admin"], vec!["openid"]),
            (vec![], vec![]),
            (vec!["openid", "openid"], vec!["openid"]),
        ] {
            let requested = request(&["openid", "profile", "email"]).requested_scope;
            assert_eq!(
                granted(&requested, ticked.clone().into_iter()),
                result,
                "{ticked:?}"
            );
        }
    }

    #[test]
    fn an_unticked_scope_tells_nothing() {
        let body = acceptance(&request(&["openid", "email"]), vec!["openid".into()], true);
        let body = serde_json::to_value(&body).unwrap();
        assert_eq!(body["session"]["id_token"], json!({}));
        assert_eq!(body["grant_scope"], json!(["openid"]));
        assert_eq!(
            body["grant_access_token_audience"],
            json!(["https://api.example.org"])
        );
        assert_eq!(body["remember"], json!(true));
    }
}

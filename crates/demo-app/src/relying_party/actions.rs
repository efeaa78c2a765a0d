//! What a relying party does with its tokens: one handler per button.

use http::StatusCode;
use oauth_types::{Secret, Timestamp};
use serde_json::Value;
use tokio::sync::OwnedMutexGuard;

use super::{
    provider::TokenAnswer,
    sessions::{Login, Outcome, Session},
};
use crate::{
    app::App,
    http_client::Answer,
    pages,
    problem::Problem,
    respond::{self, Reply},
    visit::Visit,
};

const SHOWN: usize = 16 * 1024;

/// `GET /tokens`: who is logged in, and the buttons.
pub(crate) async fn show_tokens(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let Some(session) = app.sessions.find(&visit.cookies, app.clock.now()) else {
        return respond::see_other("/");
    };
    let session = session.lock().await;
    let Some(login) = &session.login else {
        return respond::see_other("/");
    };
    let template = pages::TokensPage {
        csrf: visit.csrf.token(),
        name: login.shown_name(),
        outcome: session.outcome.as_ref().map(|outcome| pages::Outcome {
            title: outcome.title,
            request: outcome.request,
            status: outcome.status,
            meaning: outcome.meaning,
            body: &outcome.body,
            good: outcome.good,
        }),
        revoked: login.revoked,
        scope: &login.scope,
        expires_at: login.expires_at.floor_to_secs().to_string(),
        access_token: shortened(login.access_token.expose()),
        previous_access_token: shortened_if(login.previous_access_token.as_ref()),
        refresh_token: shortened_if(login.refresh_token.as_ref()),
        id_token: shortened(login.raw_id_token.expose()),
        checks: &login.id_token.checks,
        claims: claims(login),
        claims_json: pretty(&Value::Object(login.id_token.claims.clone())),
    };
    respond::page(app, visit, StatusCode::OK, &template, [])
}

/// `POST /tokens/refresh`: exchanges the refresh token for new tokens.
pub(crate) async fn refresh(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let mut session = logged_in(app, visit).await?;
    let login = login_of(&mut session)?;
    let Some(refresh_token) = &login.refresh_token else {
        return Err(Problem::bad_request(
            "There is no refresh token: it is given only with the scope offline.",
        ));
    };
    let answer = app.provider.refresh(refresh_token).await?;
    let tokens: Option<TokenAnswer> = answer.json();
    let good = match tokens.filter(|_| answer.status == StatusCode::OK) {
        Some(tokens) => {
            take_over(app, login, tokens).await?;
            true
        }
        None => false,
    };
    let meaning = if good {
        "New tokens. The old ones are worth nothing from now on: introspect the previous access \
         token to see it."
    } else {
        "No new tokens: the refresh token was revoked, spent or has expired."
    };
    session.outcome = Some(Outcome {
        title: "Refresh",
        request: "POST /oauth2/token",
        status: answer.status.as_u16(),
        body: shown_body(&answer),
        meaning,
        good,
    });
    respond::see_other("/tokens")
}

/// Replaces the tokens by those of a refresh.
async fn take_over(app: &App, login: &mut Login, tokens: TokenAnswer) -> Result<(), Problem> {
    let now = app.clock.now();
    // The old refresh token is spent whatever happens from here on, so keep the new one first.
    if let Some(new) = &tokens.refresh_token {
        login.refresh_token = Some(Secret::new(new));
    }
    let new = Secret::new(&tokens.access_token);
    login.previous_access_token = Some(std::mem::replace(&mut login.access_token, new));
    login.scope.clone_from(&tokens.scope);
    login.expires_at = now.plus_secs(tokens.expires_in);
    if let Some(raw) = &tokens.id_token {
        let subject = login.id_token.text("sub").to_owned();
        login.id_token = app
            .provider
            .validate(raw, &tokens, &login.nonce, Some(&subject), now)
            .await?;
        login.raw_id_token = Secret::new(raw);
    }
    Ok(())
}

/// `POST /tokens/introspect`: asks what one of the tokens is worth.
pub(crate) async fn introspect(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let mut session = logged_in(app, visit).await?;
    let login = login_of(&mut session)?;
    let (title, token) = match visit.form.text("which") {
        "refresh_token" => ("Introspect the refresh token", login.refresh_token.as_ref()),
        "previous_access_token" => (
            "Introspect the previous access token",
            login.previous_access_token.as_ref(),
        ),
        _ => ("Introspect the access token", Some(&login.access_token)),
    };
    let token = token.ok_or_else(|| Problem::bad_request("There is no such token yet."))?;
    let answer = app.provider.introspect(token).await?;
    let active = answer
        .json::<Value>()
        .and_then(|body| body.get("active")?.as_bool());
    session.outcome = Some(Outcome {
        title,
        request: "POST /admin/oauth2/introspect",
        status: answer.status.as_u16(),
        body: shown_body(&answer),
        meaning: match active {
            Some(true) => "Active: a resource server would accept this token.",
            Some(false) => "Inactive: no resource server would accept this token.",
            None => "Hydrus did not say what the token is worth.",
        },
        good: active.is_some(),
    });
    respond::see_other("/tokens")
}

/// `POST /tokens/userinfo`: asks who the access token belongs to.
pub(crate) async fn userinfo(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let mut session = logged_in(app, visit).await?;
    let login = login_of(&mut session)?;
    let answer = app.provider.userinfo(&login.access_token).await?;
    let claims: Option<Value> = answer.json();
    // OpenID Connect Core §5.3.2: do not use it unless it is about the same person.
    let subject = claims.as_ref().and_then(|c| c.get("sub")?.as_str());
    let same = subject == Some(login.id_token.text("sub"));
    let good = answer.status == StatusCode::OK && same;
    let meaning = match (answer.status, same) {
        (StatusCode::OK, true) => "The claims about the person, as they stand now.",
        (StatusCode::OK, false) => "About somebody else than the ID token: not to be used.",
        _ => "Hydrus does not accept this access token.",
    };
    session.outcome = Some(Outcome {
        title: "Userinfo",
        request: "GET /userinfo",
        status: answer.status.as_u16(),
        body: shown_body(&answer),
        meaning,
        good,
    });
    respond::see_other("/tokens")
}

/// `POST /tokens/revoke`: ends all tokens of this login.
pub(crate) async fn revoke(app: &App, visit: &Visit) -> Result<Reply, Problem> {
    let mut session = logged_in(app, visit).await?;
    let login = login_of(&mut session)?;
    let token = login.refresh_token.as_ref().unwrap_or(&login.access_token);
    let answer = app.provider.revoke(token).await?;
    let good = answer.status == StatusCode::OK;
    login.revoked |= good;
    session.outcome = Some(Outcome {
        title: "Revoke",
        request: "POST /oauth2/revoke",
        status: answer.status.as_u16(),
        body: shown_body(&answer),
        meaning: if good {
            "Access and refresh token are worth nothing from now on. The ID token still says who \
             logged in."
        } else {
            "Nothing was revoked."
        },
        good,
    });
    respond::see_other("/tokens")
}

/// The locked session of somebody who is logged in.
async fn logged_in(app: &App, visit: &Visit) -> Result<OwnedMutexGuard<Session>, Problem> {
    match app.sessions.find(&visit.cookies, app.clock.now()) {
        Some(session) => Ok(session.lock_owned().await),
        None => Err(not_logged_in()),
    }
}

fn login_of(session: &mut Session) -> Result<&mut Login, Problem> {
    session.login.as_mut().ok_or_else(not_logged_in)
}

fn not_logged_in() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "You are not logged in",
        "Your session has ended. Log in again from the start page.",
    )
}

/// The body for the page: JSON in lines, with the tokens shortened.
fn shown_body(answer: &Answer) -> String {
    match answer.json::<Value>() {
        Some(mut json) => {
            for name in ["access_token", "refresh_token", "id_token"] {
                if let Some(Value::String(token)) = json.get_mut(name) {
                    *token = shortened(token);
                }
            }
            pretty(&json).chars().take(SHOWN).collect()
        }
        None => answer.excerpt(),
    }
}

fn pretty(json: &Value) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default()
}

/// Enough of a token to recognise it, too little to use it.
fn shortened(token: &str) -> String {
    let chars: Vec<char> = token.chars().collect();
    if chars.len() < 32 {
        return "…".to_owned();
    }
    let (start, end) = (&chars[..14], &chars[chars.len() - 4..]);
    format!(
        "{}…{}",
        start.iter().collect::<String>(),
        end.iter().collect::<String>()
    )
}

fn shortened_if(token: Option<&Secret>) -> Option<String> {
    token.map(|token| shortened(token.expose()))
}

fn claims(login: &Login) -> Vec<pages::Claim> {
    let all = login.id_token.claims.iter();
    all.map(|(name, value)| pages::Claim {
        name: name.clone(),
        value: shown_value(name, value),
        meaning: meaning(name),
    })
    .collect()
}

fn shown_value(name: &str, value: &Value) -> String {
    let is_time = matches!(name, "auth_time" | "exp" | "iat" | "nbf" | "rat");
    match (value, value.as_i64()) {
        (_, Some(secs)) if is_time => format!("{secs} ({})", Timestamp::from_secs(secs)),
        (Value::String(text), _) => text.clone(),
        (other, _) => other.to_string(),
    }
}

/// What a claim says, for readers who meet it for the first time.
fn meaning(claim: &str) -> &'static str {
    match claim {
        "iss" => "who issued the token",
        "sub" => "who logged in, for ever the same",
        "aud" => "for whom the token is",
        "iat" => "when it was issued",
        "exp" => "until when it is valid",
        "auth_time" => "when the person gave their password",
        "rat" => "when the login was asked for",
        "jti" => "the token's own id",
        "sid" => "the login session at Hydrus",
        "nonce" => "ties the token to this login",
        "at_hash" => "ties it to the access token",
        "acr" => "how strong the login was",
        "amr" => "how the person proved who they are",
        "name" | "given_name" | "family_name" => "scope profile",
        "email" | "email_verified" => "scope email",
        _ => "added by the consent app",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_never_hold_a_whole_token() {
        let token = format!("ory_at_{}", "x".repeat(80));
        let body = json!({"access_token": token, "id_token": "short", "scope": "openid"});
        let answer = Answer {
            status: StatusCode::OK,
            headers: http::HeaderMap::new(),
            body: body.to_string().into(),
        };
        let shown = shown_body(&answer);
        assert!(shown.contains("ory_at_xxxxxxx…xxxx"), "{shown}");
        assert!(
            !shown.contains(&token) && !shown.contains("short"),
            "{shown}"
        );
    }

    #[test]
    fn times_are_readable() {
        for (name, value, shown) in [
            ("exp", json!(0), "0 (1970-01-01T00:00:00Z)"),
            ("sub", json!("u"), "u"),
            ("amr", json!(["pwd"]), r#"["pwd"]"#),
            ("email_verified", json!(true), "true"),
        ] {
            assert_eq!(shown_value(name, &value), shown);
        }
    }
}

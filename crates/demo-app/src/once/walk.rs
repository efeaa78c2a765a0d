use std::io::Write;

use serde_json::Value;

use super::{
    report::{Report, StepError},
    visitor::Visitor,
};
use crate::{DemoClient, DemoConfig};

/// Walks the whole flow and writes a line per step to `out`: number, what, HTTP status,
/// milliseconds; then the claims of the ID token and the introspection as JSON. Hydrus and
/// [`serve`](crate::serve) must be running.
///
/// # Errors
/// [`StepError::Failed`] with the first step that did not go as it should; the steps before it
/// are in `out`.
pub async fn walk(
    config: &DemoConfig,
    client: &DemoClient,
    out: &mut (dyn Write + Send),
) -> Result<(), StepError> {
    let mut r = Report::new(out);
    let mut v = Visitor::new(config, client);

    r.step("Read the discovery document", v.discover()).await?;
    r.step("Get a token for the client itself", v.client_credentials())
        .await?;

    // The first visit: everything is asked.
    let page = r.step("Open the start page", v.open_home()).await?;
    let page = r
        .step("Log in with Hydrus: see the login page", v.start(&page))
        .await?;
    let page = r
        .step(
            "Give a wrong password: be asked again",
            v.wrong_password(&page),
        )
        .await?;
    let consent = r
        .step(
            "Give the right one: see the consent page",
            v.right_password(&page),
        )
        .await?;
    r.step("Bring a forged answer: be refused", v.forged_answer())
        .await?;
    let page = r
        .step(
            "Allow: get tokens and a verified ID token",
            v.allow(&consent),
        )
        .await?;
    let claims = Visitor::claims(&page).map_err(|fault| r.failed(&fault))?;

    // What can be done with tokens.
    let page = r
        .step("Userinfo: the same person", v.userinfo(&page, &claims))
        .await?
        .page;
    let asked = r
        .step(
            "Introspect the access token: active",
            v.introspect(&page, "access_token", true),
        )
        .await?;
    let (page, introspection) = (asked.page, asked.json);
    let page = r.step("Refresh: get new tokens", v.refresh(&page)).await?;
    let page = r
        .step(
            "Introspect the old access token: inactive",
            v.introspect(&page, "previous_access_token", false),
        )
        .await?
        .page;
    let page = r
        .step(
            "Introspect the new access token: active",
            v.introspect(&page, "access_token", true),
        )
        .await?
        .page;
    let page = r.step("Revoke", v.revoke(&page)).await?;
    let page = r
        .step(
            "Introspect the access token: inactive",
            v.introspect(&page, "access_token", false),
        )
        .await?
        .page;
    r.step("Refresh: be refused", v.refresh_refused(&page))
        .await?;

    // The second visit: login and consent are remembered.
    let page = r.step("Open the start page again", v.open_home()).await?;
    let page = r
        .step(
            "Log in: get tokens without any question",
            v.come_again(&page, &claims),
        )
        .await?;

    // The way out.
    let page = r
        .step("Log out: be asked whether to", v.sign_out(&page))
        .await?;
    r.step(
        "Confirm: see the page after logout",
        v.confirm_logout(&page),
    )
    .await?;
    let page = r
        .step("Open the start page once more", v.open_home())
        .await?;
    r.step("Log in: be asked for the password again", v.start(&page))
        .await?;

    r.block("ID token (verified):", &pretty(&claims))?;
    r.block(
        "Introspection of the access token:",
        &pretty(&introspection),
    )
}

fn pretty(json: &Value) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default()
}

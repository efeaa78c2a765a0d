//! Whether a login satisfies what the request demanded of it (OpenID Connect Core §3.1.2.1).

use client_registry::Client;
use oauth_types::{ErrorCode, OAuthError, Prompt, Prompts, Timestamp};

use super::ValidRequest;
use super::request::parse_max_age;
use crate::{Core, TokenPolicy, redirect_uri};

/// The login that a request led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The subject as the client sees it.
    pub client_subject: String,
    /// When the user logged in.
    pub authenticated_at: Option<Timestamp>,
    /// When the flow began.
    pub requested_at: Timestamp,
}

/// What a request demanded.
#[derive(Clone, Debug)]
pub struct PromptCheck<'a> {
    /// Who asked.
    pub client: &'a Client,
    /// Where the answer goes.
    pub redirect_uri: &'a str,
    /// `prompt`.
    pub prompts: Prompts,
    /// `max_age` as it was sent.
    pub max_age: &'a str,
    /// `id_token_hint` as it was sent.
    pub id_token_hint: &'a str,
}

impl ValidRequest {
    /// What this request demands.
    #[must_use]
    pub fn prompt_check(&self) -> PromptCheck<'_> {
        PromptCheck {
            client: &self.client,
            redirect_uri: &self.reply_to.redirect_uri,
            prompts: self.prompts.clone(),
            max_age: self.params.text("max_age"),
            id_token_hint: self.params.text("id_token_hint"),
        }
    }
}

impl PromptCheck<'_> {
    /// Checks what the request says by itself.
    fn check_words(&self, policy: &TokenPolicy) -> Result<(), OAuthError> {
        let fail = |code: ErrorCode, hint: String| Err(OAuthError::new(code).hint(hint));
        let prompts = &self.prompts;
        if self.client.is_public()
            && prompts.has(Prompt::None)
            && !policy.dev
            && !redirect_uri::is_secure(self.redirect_uri)
        {
            return fail(
                ErrorCode::ConsentRequired,
                "OAuth 2.0 Client is marked public and redirect uri is not considered secure \
                 (https missing), but 'prompt=none' was requested."
                    .into(),
            );
        }
        if prompts
            .iter()
            .any(|p| !["login", "none", "consent"].contains(&p))
        {
            let words: Vec<&str> = prompts.iter().collect();
            return fail(
                ErrorCode::InvalidRequest,
                format!(
                    "Used unknown value '[{}]' for prompt parameter",
                    words.join(" ")
                ),
            );
        }
        if prompts.has(Prompt::None) && prompts.len() > 1 {
            return fail(
                ErrorCode::InvalidRequest,
                "Parameter 'prompt' was set to 'none', but contains other values as well which is \
                 not allowed."
                    .into(),
            );
        }
        Ok(())
    }
}

impl Core {
    /// Checks the request's prompts, and a login against them.
    ///
    /// # Errors
    /// What the client is told; `login_required` means that the login did not count.
    pub async fn check_prompt(
        &self,
        asked: &PromptCheck<'_>,
        login: &Login,
        policy: &TokenPolicy,
        now: Timestamp,
    ) -> Result<(), OAuthError> {
        asked.check_words(policy)?;
        self.check_login(asked, login, now).await
    }

    /// Checks a login against the request: all that may be checked again when an ID token is made
    /// later on.
    pub(crate) async fn check_login(
        &self,
        asked: &PromptCheck<'_>,
        login: &Login,
        now: Timestamp,
    ) -> Result<(), OAuthError> {
        let fail = |code: ErrorCode, hint: String| Err(OAuthError::new(code).hint(hint));
        let prompts = &asked.prompts;
        if login.client_subject.is_empty() {
            return Err(OAuthError::new(ErrorCode::ServerError).debug(
                "Failed to validate OpenID Connect request because session subject is empty.",
            ));
        }
        let rat = login.requested_at;
        if login
            .authenticated_at
            .is_some_and(|at| at > now.plus_secs(5))
        {
            return Err(OAuthError::new(ErrorCode::ServerError).debug(
                "Failed to validate OpenID Connect request because authentication time is in the \
                 future.",
            ));
        }
        let max_age = parse_max_age(asked.max_age).unwrap_or(0);
        if max_age > 0
            && login
                .authenticated_at
                .is_none_or(|at| at.plus_secs(max_age) < rat)
        {
            return Err(OAuthError::new(ErrorCode::LoginRequired).debug(
                "Failed to validate OpenID Connect request because authentication time does not \
                 satisfy max_age time.",
            ));
        }
        let happened = |prompt: &str, order: &str, consequence: &str| {
            let at = login
                .authenticated_at
                .unwrap_or(Timestamp::from_secs(0))
                .to_text();
            format!(
                "Failed to validate OpenID Connect request because prompt was set to '{prompt}' \
                 but auth_time ('{at}') happened {order} the authorization request ('{}') was \
                 registered, indicating that the user was {consequence}.",
                rat.to_text()
            )
        };
        if prompts.is_exactly(Prompt::None) && login.authenticated_at.is_some_and(|at| at > rat) {
            let hint = happened(
                "none",
                "after",
                "logged in during this request which is not allowed",
            );
            return fail(ErrorCode::LoginRequired, hint);
        }
        if prompts.is_exactly(Prompt::Login) && login.authenticated_at.is_none_or(|at| at < rat) {
            let hint = happened("login", "before", "not re-authenticated which is forbidden");
            return fail(ErrorCode::LoginRequired, hint);
        }
        if asked.id_token_hint.is_empty() {
            return Ok(());
        }
        let Ok(claims) = self.read_id_token_hint(asked.id_token_hint, now).await? else {
            return fail(
                ErrorCode::InvalidRequest,
                "Failed to validate OpenID Connect request as decoding id token from id_token_hint \
                 parameter failed."
                    .into(),
            );
        };
        match claims.get("sub").and_then(serde_json::Value::as_str) {
            None | Some("") => fail(
                ErrorCode::InvalidRequest,
                "Failed to validate OpenID Connect request because provided id token from \
                 id_token_hint does not have a subject."
                    .into(),
            ),
            Some(subject) if subject != login.client_subject => fail(
                ErrorCode::LoginRequired,
                "Failed to validate OpenID Connect request because the subject from provided id \
                 token from id_token_hint does not match the current session's subject."
                    .into(),
            ),
            Some(_) => Ok(()),
        }
    }
}

//! Reading and validating an authorization request, in Hydra's order.

use std::sync::Arc;

use client_registry::Client;
use oauth_types::{
    Audiences, ErrorCode, FormBody, OAuthError, Params, Prompts, ResponseMode, ResponseTypes,
    Scopes,
};

use crate::matching::{check_audiences, check_scopes};
use crate::{TokenPolicy, redirect_uri};

/// Where an answer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyTo {
    /// The resolved redirect URI.
    pub redirect_uri: String,
    /// How it travels; `None` while that was not determined: then in the query.
    pub mode: Option<ResponseMode>,
    /// Echoed to the client.
    pub state: String,
}

/// Why a request is refused, and whether the client may be told.
#[derive(Debug)]
pub struct Refused {
    /// The error.
    pub error: OAuthError,
    /// `None`: the error page is shown instead.
    pub to: Option<ReplyTo>,
}

/// A request that passed all checks of the first visit.
#[derive(Clone, Debug)]
pub struct ValidRequest {
    /// Who asks.
    pub client: Arc<Client>,
    /// Where the answer goes.
    pub reply_to: ReplyTo,
    /// How it travels.
    pub mode: ResponseMode,
    /// What is asked for.
    pub response_types: ResponseTypes,
    /// Requested scopes.
    pub scopes: Scopes,
    /// Requested audiences.
    pub audiences: Audiences,
    /// `prompt`.
    pub prompts: Prompts,
    /// All parameters, for those that are looked at later.
    pub params: Params,
}

/// The parameters of a request: query and body; a url-encoded body comes first, a multipart one
/// last.
///
/// # Errors
/// `invalid_request` if a multipart body cannot be read.
pub fn merged(query: &str, form: &FormBody) -> Result<Params, OAuthError> {
    let query = Params::parse(query);
    Ok(match form {
        FormBody::Urlencoded(form) => {
            let mut all = form.clone();
            all.extend(query);
            all
        }
        FormBody::Multipart(form) => {
            let mut all = query;
            all.extend(form.clone());
            all
        }
        FormBody::None => query,
        FormBody::Broken => {
            return Err(OAuthError::new(ErrorCode::InvalidRequest).hint(
                "Unable to parse HTTP body, make sure to send a properly formatted form request \
                 body.",
            ));
        }
    })
}

impl ValidRequest {
    /// Validates a request of a known client.
    ///
    /// # Errors
    /// [`Refused`], with the first check that failed.
    pub fn check(
        client: Arc<Client>,
        params: Params,
        policy: &TokenPolicy,
    ) -> Result<Self, Box<Refused>> {
        let to_page = |error: OAuthError| Box::new(Refused { error, to: None });
        let state = params.text("state").to_owned();
        let scopes = Scopes::parse(params.text("scope"));

        if scopes.has("openid") {
            for (name, code) in [
                ("request", ErrorCode::RequestNotSupported),
                ("request_uri", ErrorCode::RequestUriNotSupported),
            ] {
                if !params.text(name).is_empty() {
                    return Err(to_page(code.into()));
                }
            }
        }
        let asked_mode = match params.text("response_mode") {
            "" => None,
            text => Some(ResponseMode::parse(text).ok_or_else(|| {
                to_page(
                    OAuthError::new(ErrorCode::UnsupportedResponseMode)
                        .hint(format!("Request with unsupported response_mode '{text}'.")),
                )
            })?),
        };
        let redirect_uri =
            redirect_uri::resolve(params.text("redirect_uri"), &client.redirect_uris).ok_or_else(
                || {
                    to_page(OAuthError::new(ErrorCode::InvalidRequest).hint(
                        "The 'redirect_uri' parameter does not match any of the OAuth 2.0 Client's \
                     pre-registered redirect urls.",
                    ))
                },
            )?;
        let mut reply_to = ReplyTo {
            redirect_uri,
            mode: asked_mode,
            state,
        };
        let may_tell = redirect_uri::may_get_errors(&reply_to.redirect_uri, &client.redirect_uris);
        let refuse = |error: OAuthError, reply_to: &ReplyTo| {
            Box::new(Refused {
                error,
                to: may_tell.then(|| reply_to.clone()),
            })
        };

        check_scopes(policy.scopes, &client, &scopes).map_err(|e| refuse(e, &reply_to))?;
        let audiences = Audiences::parse(params.all("audience"));
        check_audiences(&client, &audiences).map_err(|e| refuse(e, &reply_to))?;
        if !params.text("registration").is_empty() {
            return Err(refuse(
                ErrorCode::RegistrationNotSupported.into(),
                &reply_to,
            ));
        }
        let response_type = params.text("response_type").to_owned();
        let response_types = ResponseTypes::parse(&response_type);
        if response_types.is_empty() {
            let error = OAuthError::new(ErrorCode::UnsupportedResponseType)
                .hint("`The request is missing the 'response_type' parameter.");
            return Err(refuse(error, &reply_to));
        }
        let registered = client.response_types();
        if !registered
            .iter()
            .any(|r| response_types.same_set(&ResponseTypes::parse(r)))
        {
            let error = OAuthError::new(ErrorCode::UnsupportedResponseType).hint(format!(
                "The client is not allowed to request response_type '{response_type}'."
            ));
            return Err(refuse(error, &reply_to));
        }
        let mode = asked_mode.unwrap_or(if response_types.is_exactly("code") {
            ResponseMode::Query
        } else {
            ResponseMode::Fragment
        });
        reply_to.mode = Some(mode);
        if reply_to.state.len() < MINIMUM_ENTROPY {
            let error = OAuthError::new(ErrorCode::InvalidState).hint(
                "Request parameter 'state' must be at least be 8 characters long to ensure \
                 sufficient entropy.",
            );
            return Err(refuse(error, &reply_to));
        }
        let prompts = Prompts::parse(params.text("prompt"));
        Ok(Self {
            client,
            reply_to,
            mode,
            response_types,
            scopes,
            audiences,
            prompts,
            params,
        })
    }

    /// The refusal of a request that got so far.
    #[must_use]
    pub fn refuse(&self, error: impl Into<OAuthError>) -> Refused {
        let may_tell =
            redirect_uri::may_get_errors(&self.reply_to.redirect_uri, &self.client.redirect_uris);
        Refused {
            error: error.into(),
            to: may_tell.then(|| self.reply_to.clone()),
        }
    }

    /// `max_age`, if it is given and not negative.
    ///
    /// # Errors
    /// `invalid_request` if it is no integer.
    pub fn max_age(&self) -> Result<Option<i64>, OAuthError> {
        match self.params.text("max_age") {
            "" => Ok(None),
            text => parse_max_age(text)
                .map(|secs| (secs >= 0).then_some(secs))
                .ok_or_else(|| {
                    OAuthError::new(ErrorCode::InvalidRequest).hint(format!(
                        "Parameter 'max_age' must be a number of seconds, but is '{text}'."
                    ))
                }),
        }
    }
}

/// How short `state` and `nonce` may be, in bytes.
pub(crate) const MINIMUM_ENTROPY: usize = 8;

/// An integer with signs and leading zeros, as Go reads it.
pub(crate) fn parse_max_age(text: &str) -> Option<i64> {
    text.parse().ok()
}

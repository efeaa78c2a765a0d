use api_types::admin::{
    AcceptConsentBody, AcceptLoginBody, ConsentRequestView, ConsentSessionView, LoginRequestView,
    LogoutRequestView, OidcContextView, RejectBody, SessionView,
};
use oauth_types::Timestamp;
use provider::{
    AcceptConsent, AcceptLogin, ConsentRequest, ConsentSession, ConsentSessionData, LoginRequest,
    LogoutRequest, OidcContext, Rejection,
};

use super::client;

/// A login request.
pub(crate) fn login_request(request: &LoginRequest) -> LoginRequestView<'_> {
    LoginRequestView {
        challenge: &request.challenge,
        requested_scope: &request.requested_scope,
        requested_access_token_audience: &request.requested_audience,
        skip: request.skip,
        subject: &request.subject,
        oidc_context: oidc_context(&request.oidc_context),
        client: client(&request.client),
        request_url: &request.request_url,
        session_id: &request.session_id,
    }
}

/// A consent request.
pub(crate) fn consent_request(request: &ConsentRequest) -> ConsentRequestView<'_> {
    ConsentRequestView {
        challenge: &request.challenge,
        requested_scope: &request.requested_scope,
        requested_access_token_audience: &request.requested_audience,
        skip: request.skip,
        subject: &request.subject,
        oidc_context: oidc_context(&request.oidc_context),
        client: client(&request.client),
        request_url: &request.request_url,
        login_challenge: &request.login_challenge,
        login_session_id: &request.login_session_id,
        acr: &request.acr,
        amr: &request.amr,
        context: request.context.as_deref(),
    }
}

/// A logout request.
pub(crate) fn logout_request(request: &LogoutRequest) -> LogoutRequestView<'_> {
    LogoutRequestView {
        challenge: &request.challenge,
        subject: &request.subject,
        sid: &request.sid,
        request_url: &request.request_url,
        rp_initiated: request.rp_initiated,
        client: request.client.as_deref().map(client),
    }
}

/// A consent of a list.
pub(crate) fn consent_session(consent: &ConsentSession) -> ConsentSessionView<'_> {
    ConsentSessionView {
        grant_scope: &consent.grant_scope,
        grant_access_token_audience: &consent.grant_audience,
        session: SessionView {
            access_token: &consent.session.access_token,
            id_token: &consent.session.id_token,
        },
        remember: consent.remember,
        remember_for: consent.remember_for,
        handled_at: consent.handled_at.map(Timestamp::to_rfc3339),
        consent_request: consent_request(&consent.consent_request),
    }
}

/// How a login app lets a user in.
pub(crate) fn accept_login(body: AcceptLoginBody) -> AcceptLogin {
    AcceptLogin {
        subject: body.subject,
        remember: body.remember,
        remember_for: body.remember_for,
        acr: body.acr,
        amr: body.amr,
        force_subject_identifier: body.force_subject_identifier,
        context: body.context.map(|context| context.as_str().to_owned()),
    }
}

/// How a consent app grants a request.
pub(crate) fn accept_consent(body: AcceptConsentBody) -> AcceptConsent {
    AcceptConsent {
        grant_scope: body.grant_scope,
        grant_audience: body.grant_access_token_audience,
        session: body.session.map(|session| ConsentSessionData {
            access_token: session.access_token,
            id_token: session.id_token,
        }),
        remember: body.remember,
        remember_for: body.remember_for,
    }
}

/// How either turns a request down; what is left out, the provider fills in.
pub(crate) fn rejection(body: RejectBody) -> Rejection {
    Rejection {
        error: body.error,
        error_description: body.error_description,
        error_hint: body.error_hint,
        status_code: body.status_code.unwrap_or_default(),
        error_debug: body.error_debug,
    }
}

fn oidc_context(context: &OidcContext) -> OidcContextView<'_> {
    OidcContextView {
        acr_values: &context.acr_values,
        ui_locales: &context.ui_locales,
        display: &context.display,
        id_token_hint_claims: context.id_token_hint_claims.as_ref(),
        login_hint: &context.login_hint,
    }
}

//! The whole surface of the server, in the order of the API document; the router is built from this
//! table and knows nothing else.

use std::future::Future;
use std::pin::Pin;

use http::Method;

use crate::extract::Request;
use crate::respond::Response;
use crate::state::State;
use crate::{Listener, admin, public};

/// Answers one operation: extracts, calls the provider, responds.
pub(crate) type Handler =
    for<'a> fn(&'a State, &'a Request) -> Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

/// A line of the table.
pub(crate) struct Route {
    /// The method.
    pub(crate) method: Method,
    /// The path, with parameters in braces.
    pub(crate) path: &'static str,
    /// Which listeners have it.
    pub(crate) on: On,
    /// The operation's id in the API document.
    pub(crate) operation: &'static str,
    /// What answers.
    pub(crate) handler: Handler,
}

impl Route {
    /// How the public listener answers pages of other origins here.
    ///
    /// Hydra: not where browsers are sent to, and not where clients register themselves.
    pub(crate) fn cross_origin(&self) -> CrossOrigin {
        match self.operation {
            "discoverJsonWebKeys"
            | "discoverOidcConfiguration"
            | "revokeOAuth2Token"
            | "oauth2TokenExchange"
            | "getOidcUserInfo"
            | "preflight" => CrossOrigin::ByClient,
            "isAlive" | "isReady" => CrossOrigin::Plain,
            _ => CrossOrigin::Never,
        }
    }

    /// Whether answers are not to be stored unless the handler says otherwise.
    ///
    /// Hydra: health and version stand outside of that rule.
    pub(crate) fn keeps_out_of_caches(&self) -> bool {
        !matches!(self.operation, "isAlive" | "isReady" | "getVersion")
    }
}

/// How a route answers pages of other origins, where the public listener does at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CrossOrigin {
    /// Not at all.
    Never,
    /// By the list of the operator and those of the clients.
    ByClient,
    /// By the list of the operator alone.
    Plain,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.operation)
    }
}

/// Which listeners have a route.
#[derive(Clone, Copy)]
pub(crate) enum On {
    Public,
    Admin,
    Both,
}

impl On {
    pub(crate) fn includes(self, listener: Listener) -> bool {
        match self {
            Self::Public => listener == Listener::Public,
            Self::Admin => listener == Listener::Admin,
            Self::Both => true,
        }
    }
}

macro_rules! routes {
    ($( $method:ident $path:literal $on:ident $operation:literal $handler:path; )*) => {
        pub(crate) static ROUTES: &[Route] = &[ $( Route {
            method: Method::$method,
            path: $path,
            on: On::$on,
            operation: $operation,
            handler: |state, request| Box::pin($handler(state, request)),
        } ),* ];
    };
}

routes! {
    GET     "/.well-known/jwks.json" Public "discoverJsonWebKeys" public::discovery::jwks;
    OPTIONS "/.well-known/jwks.json" Public "preflight" public::preflight;
    GET     "/.well-known/openid-configuration" Public "discoverOidcConfiguration" public::discovery::document;
    OPTIONS "/.well-known/openid-configuration" Public "preflight" public::preflight;
    GET     "/admin/clients" Admin "listOAuth2Clients" admin::clients::list;
    POST    "/admin/clients" Admin "createOAuth2Client" admin::clients::create;
    DELETE  "/admin/clients/{id}" Admin "deleteOAuth2Client" admin::clients::delete;
    GET     "/admin/clients/{id}" Admin "getOAuth2Client" admin::clients::get;
    PATCH   "/admin/clients/{id}" Admin "patchOAuth2Client" admin::clients::patch;
    PUT     "/admin/clients/{id}" Admin "setOAuth2Client" admin::clients::replace;
    PUT     "/admin/clients/{id}/lifespans" Admin "setOAuth2ClientLifespans" admin::clients::set_lifespans;
    DELETE  "/admin/keys/{set}" Admin "deleteJsonWebKeySet" admin::keys::delete_set;
    GET     "/admin/keys/{set}" Admin "getJsonWebKeySet" admin::keys::set;
    POST    "/admin/keys/{set}" Admin "createJsonWebKeySet" admin::keys::create;
    PUT     "/admin/keys/{set}" Admin "setJsonWebKeySet" admin::keys::replace_set;
    DELETE  "/admin/keys/{set}/{kid}" Admin "deleteJsonWebKey" admin::keys::delete_key;
    GET     "/admin/keys/{set}/{kid}" Admin "getJsonWebKey" admin::keys::key;
    PUT     "/admin/keys/{set}/{kid}" Admin "setJsonWebKey" admin::keys::replace_key;
    GET     "/admin/metrics/prometheus" Admin "metrics" admin::metrics::metrics;
    GET     "/admin/oauth2/auth/requests/consent" Admin "getOAuth2ConsentRequest" admin::flows::consent;
    PUT     "/admin/oauth2/auth/requests/consent/accept" Admin "acceptOAuth2ConsentRequest" admin::flows::accept_consent;
    PUT     "/admin/oauth2/auth/requests/consent/reject" Admin "rejectOAuth2ConsentRequest" admin::flows::reject_consent;
    GET     "/admin/oauth2/auth/requests/login" Admin "getOAuth2LoginRequest" admin::flows::login;
    PUT     "/admin/oauth2/auth/requests/login/accept" Admin "acceptOAuth2LoginRequest" admin::flows::accept_login;
    PUT     "/admin/oauth2/auth/requests/login/reject" Admin "rejectOAuth2LoginRequest" admin::flows::reject_login;
    GET     "/admin/oauth2/auth/requests/logout" Admin "getOAuth2LogoutRequest" admin::flows::logout;
    PUT     "/admin/oauth2/auth/requests/logout/accept" Admin "acceptOAuth2LogoutRequest" admin::flows::accept_logout;
    PUT     "/admin/oauth2/auth/requests/logout/reject" Admin "rejectOAuth2LogoutRequest" admin::flows::reject_logout;
    DELETE  "/admin/oauth2/auth/sessions/consent" Admin "revokeOAuth2ConsentSessions" admin::sessions::revoke_consents;
    GET     "/admin/oauth2/auth/sessions/consent" Admin "listOAuth2ConsentSessions" admin::sessions::consents;
    DELETE  "/admin/oauth2/auth/sessions/login" Admin "revokeOAuth2LoginSessions" admin::sessions::revoke_logins;
    POST    "/admin/oauth2/introspect" Admin "introspectOAuth2Token" admin::introspect::introspect;
    DELETE  "/admin/oauth2/tokens" Admin "deleteOAuth2Token" admin::tokens::delete;
    GET     "/admin/trust/grants/jwt-bearer/issuers" Admin "listTrustedOAuth2JwtGrantIssuers" admin::trust::list;
    POST    "/admin/trust/grants/jwt-bearer/issuers" Admin "trustOAuth2JwtGrantIssuer" admin::trust::create;
    DELETE  "/admin/trust/grants/jwt-bearer/issuers/{id}" Admin "deleteTrustedOAuth2JwtGrantIssuer" admin::trust::delete;
    GET     "/admin/trust/grants/jwt-bearer/issuers/{id}" Admin "getTrustedOAuth2JwtGrantIssuer" admin::trust::get;
    GET     "/health/alive" Both "isAlive" public::health::alive;
    GET     "/health/ready" Both "isReady" public::health::ready;
    GET     "/oauth2/auth" Public "oAuth2Authorize" public::authorize::authorize;
    POST    "/oauth2/auth" Public "oAuth2Authorize" public::authorize::authorize;
    GET     "/oauth2/fallbacks/consent" Public "fallbackConsent" public::fallbacks::consent;
    GET     "/oauth2/fallbacks/error" Public "fallbackError" public::fallbacks::error;
    GET     "/oauth2/fallbacks/login" Public "fallbackLogin" public::fallbacks::login;
    GET     "/oauth2/fallbacks/logout" Public "fallbackLogout" public::fallbacks::logout;
    GET     "/oauth2/fallbacks/logout/callback" Public "fallbackLogoutCallback" public::fallbacks::logout_callback;
    POST    "/oauth2/register" Public "createOidcDynamicClient" public::registration::register;
    DELETE  "/oauth2/register/{id}" Public "deleteOidcDynamicClient" public::registration::delete;
    GET     "/oauth2/register/{id}" Public "getOidcDynamicClient" public::registration::read;
    PUT     "/oauth2/register/{id}" Public "setOidcDynamicClient" public::registration::change;
    POST    "/oauth2/revoke" Public "revokeOAuth2Token" public::revoke::revoke;
    OPTIONS "/oauth2/revoke" Public "preflight" public::preflight;
    GET     "/oauth2/sessions/logout" Public "revokeOidcSession" public::logout::logout;
    POST    "/oauth2/sessions/logout" Public "revokeOidcSession" public::logout::logout;
    POST    "/oauth2/token" Public "oauth2TokenExchange" public::token::token;
    OPTIONS "/oauth2/token" Public "preflight" public::preflight;
    GET     "/userinfo" Public "getOidcUserInfo" public::userinfo::userinfo;
    POST    "/userinfo" Public "getOidcUserInfo" public::userinfo::userinfo;
    OPTIONS "/userinfo" Public "preflight" public::preflight;
    GET     "/version" Admin "getVersion" admin::version::version;
}

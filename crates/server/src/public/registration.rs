//! Clients that register and manage themselves.

use api_types::admin::{ClientBody, ClientView};
use http::{StatusCode, header};
use oauth_types::Secret;
use provider::Registration;

use crate::error;
use crate::extract::Request;
use crate::respond::{self, Response};
use crate::state::State;
use crate::views;

/// What is shown of metadata: nothing, since it is the administrator's.
const NO_METADATA: &str = "{}";

/// `POST /oauth2/register` (RFC 7591 §3).
///
/// Hydra: `Location` names the admin path, which is not on this listener.
pub(crate) async fn register(state: &State, request: &Request) -> Response {
    let body = Sent::read(request);
    match state.provider.register(body.registration()).await {
        Ok(made) => {
            let mut view = body.answered(views::client(&made.client));
            view.client_secret = made.secret.as_ref().map(Secret::expose);
            view.registration_access_token = made.registration_access_token.expose();
            view.registration_client_uri = &made.registration_client_uri;
            let location = format!("/admin/clients/{}", made.client.id);
            let response = respond::json(StatusCode::CREATED, &view);
            respond::with_header(response, header::LOCATION, &location)
        }
        Err(error) => error::api(&error),
    }
}

/// `GET /oauth2/register/{id}` (RFC 7592 §2.1)
pub(crate) async fn read(state: &State, request: &Request) -> Response {
    let (id, bearer) = (request.params.at(0), request.registrant());
    match state.provider.registration(id, &bearer).await {
        Ok(client) => {
            let mut view = views::client(&client);
            view.metadata = None;
            respond::json(StatusCode::OK, &view)
        }
        Err(error) => error::api(&error),
    }
}

/// `PUT /oauth2/register/{id}` (RFC 7592 §2.2)
pub(crate) async fn change(state: &State, request: &Request) -> Response {
    let (id, bearer) = (request.params.at(0), request.registrant());
    let body = Sent::read(request);
    let changed = state
        .provider
        .change_registration(id, &bearer, body.registration());
    match changed.await {
        Ok(changed) => {
            let mut view = body.answered(views::client(&changed.client));
            view.metadata = Some(NO_METADATA);
            view.registration_access_token = changed.registration_access_token.expose();
            view.registration_client_uri = &changed.registration_client_uri;
            respond::json(StatusCode::OK, &view)
        }
        Err(error) => error::api(&error),
    }
}

/// `DELETE /oauth2/register/{id}` (RFC 7592 §2.3)
pub(crate) async fn delete(state: &State, request: &Request) -> Response {
    let (id, bearer) = (request.params.at(0), request.registrant());
    match state.provider.delete_registration(id, &bearer).await {
        Ok(()) => respond::empty(StatusCode::NO_CONTENT),
        Err(error) => error::api(&error),
    }
}

/// A body, or why it cannot be read; that is told only after it is clear who asks.
struct Sent(Result<(ClientBody, Registration), String>);

impl Sent {
    fn read(request: &Request) -> Self {
        Self(request.json::<ClientBody>().and_then(|body| {
            let draft = views::draft(&body)?;
            let has_metadata = body.metadata.is_some();
            let registration = Registration {
                draft,
                has_metadata,
            };
            Ok((body, registration))
        }))
    }

    fn registration(&self) -> Result<Registration, String> {
        match &self.0 {
            Ok((_, registration)) => Ok(registration.clone()),
            Err(why) => Err(why.clone()),
        }
    }

    fn answered<'a>(&'a self, view: ClientView<'a>) -> ClientView<'a> {
        match &self.0 {
            Ok((body, _)) => view.answering(body),
            Err(_) => view,
        }
    }
}

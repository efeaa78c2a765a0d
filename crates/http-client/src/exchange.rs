//! One request and its answer on a connection of their own.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use oauth_types::{FetchError, FetchRequest, FetchResponse};
use tokio::task::JoinSet;

use crate::connect::{Failed, Tls, connect};
use crate::target::Target;

/// An answer, or where to ask instead.
pub(crate) enum Answered {
    Answer(FetchResponse),
    Elsewhere { location: String, keep_body: bool },
}

/// Sends what `request` has to say to `target`, with or without its body.
pub(crate) async fn exchange(
    target: &Target,
    request: &FetchRequest,
    body: Option<&(&'static str, Vec<u8>)>,
    tls: &Arc<Tls>,
) -> Result<Answered, Failed> {
    let message = message(target, body)?;
    let stream = connect(target, request.reach, tls).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(Failed::for_now)?;
    // Dropping the set, as the time limit does, ends the connection.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let response = sender
        .send_request(message)
        .await
        .map_err(Failed::for_now)?;
    let status = response.status().as_u16();
    if let (301 | 302 | 303 | 307 | 308, Some(location)) =
        (status, response.headers().get(header::LOCATION))
    {
        let location = String::from_utf8_lossy(location.as_bytes()).into_owned();
        let keep_body = matches!(status, 307 | 308);
        if request.redirects > 0 {
            return Ok(Answered::Elsewhere {
                location,
                keep_body,
            });
        }
    }
    let body = Limited::new(response.into_body(), request.max_bytes);
    let body = body.collect().await.map_err(|why| {
        if why.downcast_ref::<LengthLimitError>().is_some() {
            Failed::for_good(FetchError::TooLong)
        } else {
            Failed::for_now(why)
        }
    })?;
    let body = body.to_bytes().to_vec();
    Ok(Answered::Answer(FetchResponse { status, body }))
}

fn message(
    target: &Target,
    body: Option<&(&'static str, Vec<u8>)>,
) -> Result<Request<Full<Bytes>>, Failed> {
    let method = if body.is_some() {
        Method::POST
    } else {
        Method::GET
    };
    let mut request = Request::builder()
        .method(method)
        .uri(target.origin_form())
        .header(header::HOST, target.authority())
        .header(header::USER_AGENT, "hydrus")
        .header(header::CONNECTION, "close");
    if let Some(authorization) = target.authorization() {
        let value = HeaderValue::from_str(&authorization);
        if let Ok(mut value) = value {
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
    }
    let bytes = match body {
        Some((content_type, bytes)) => {
            request = request.header(header::CONTENT_TYPE, *content_type);
            Bytes::copy_from_slice(bytes)
        }
        None => Bytes::new(),
    };
    request
        .body(Full::new(bytes))
        .map_err(|why| Failed::for_good(FetchError::Address(why.to_string())))
}

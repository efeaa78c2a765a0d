use bytes::Bytes;
use http::{Request, Response};
use server::{Listener, Server, ServerOptions};
use test_support::World;

pub(crate) const NOT_CACHED: &str = "private, no-cache, no-store, must-revalidate";

pub(crate) fn server() -> Server {
    server_of(&World::new())
}

pub(crate) fn server_of(world: &World) -> Server {
    Server::new(world.provider.clone(), ServerOptions::default()).unwrap()
}

pub(crate) async fn ask(
    server: &Server,
    listener: Listener,
    method: &str,
    target: &str,
) -> Response<Bytes> {
    send(server, listener, method, target, &[], "").await
}

pub(crate) async fn send(
    server: &Server,
    listener: Listener,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &'static str,
) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server
        .handle(listener, request.body(Bytes::from(body)).unwrap())
        .await
}

/// All headers, sorted, one per line, `name: value`.
pub(crate) fn headers(response: &Response<Bytes>) -> Vec<String> {
    let mut lines: Vec<String> = response
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    lines
}

pub(crate) fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

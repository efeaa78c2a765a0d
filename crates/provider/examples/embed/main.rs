//! A service that has endpoints of its own and issues its own tokens: `provider` over
//! `memory-store`, mounted below `/auth` of a plain hyper server.
//!
//! ```text
//! cargo run -p provider --example embed
//! ```
//!
//! It listens on 127.0.0.1:4480 and prints what to try. `docs/embedding.md` walks through it.

mod parts;
mod routes;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use provider::{ClientCreated, Stores};
use tokio::net::TcpListener;

const ADDRESS: &str = "127.0.0.1:4480";
/// How long a client may take to send the head of a request.
const HEAD_TIME_LIMIT: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind(ADDRESS).await?;

    let base = format!("http://{ADDRESS}/auth");
    let stores = Stores::all(memory_store::MemoryStore::new());
    let provider = Arc::new(parts::provider(&base, stores));
    let client = parts::add_client(&provider).await?;

    // The signing key is made before anybody asks for it, but nobody waits for that.
    let keys = Arc::clone(&provider);
    tokio::spawn(async move { keys.warm_up().await });

    greet(&client);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted?.0,
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        let provider = Arc::clone(&provider);
        let service = service_fn(move |request| {
            let provider = Arc::clone(&provider);
            async move { Ok::<_, Infallible>(routes::answer(&provider, request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME_LIMIT)
            .serve_connection(TokioIo::new(stream), service);
        // A client that goes away in the middle is no news.
        tokio::spawn(async move { connection.await.unwrap_or_default() });
    }
}

#[expect(
    clippy::print_stdout,
    reason = "an example talks to whoever started it"
)]
fn greet(client: &ClientCreated) {
    let secret = client.secret.as_ref().map_or("", |secret| secret.expose());
    println!(
        "Listening on http://{ADDRESS}. Try:

    curl -s http://{ADDRESS}/auth/.well-known/openid-configuration
    curl -s -u '{id}:{secret}' -d grant_type=client_credentials \\
         -d scope=orders.read http://{ADDRESS}/auth/oauth2/token
    TOKEN=  # the access_token of the answer
    curl -s -d token=\"$TOKEN\" http://{ADDRESS}/auth/oauth2/introspect
    curl -s -H \"Authorization: Bearer $TOKEN\" http://{ADDRESS}/orders
",
        id = client.client.id,
    );
}

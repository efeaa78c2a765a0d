//! Over real sockets: what connections may and may not do.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests; a failure is a failed test"
)]

use std::sync::Arc;
use std::time::Duration;

use provider::{NotReady, Readiness};
use server::{Limits, Listener, Server, ServerOptions, Socket, serve};
use test_support::World;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Running {
    address: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

async fn start(limits: Limits) -> Running {
    start_world(World::new(), limits).await
}

async fn start_world(world: World, limits: Limits) -> Running {
    let options = ServerOptions {
        limits,
        ..ServerOptions::default()
    };
    let server = Arc::new(Server::new(world.provider, options).unwrap());
    let socket = Socket::bind("127.0.0.1", 0).await.unwrap();
    let address = socket.address();
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(serve(server, vec![(Listener::Public, socket)], async {
        let _ = stopped.await;
    }));
    Running {
        address,
        stop,
        server,
    }
}

impl Running {
    /// Sends bytes and reads until the server closes the connection.
    async fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        // The server may close before it has read everything.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.server.await.unwrap();
    }
}

#[tokio::test]
async fn requests_share_a_connection() {
    let running = start(Limits::default()).await;
    let answer = running
        .exchange(
            b"GET /health/alive HTTP/1.1\r\nHost: x\r\n\r\n\
              HEAD /health/alive HTTP/1.1\r\nHost: x\r\n\r\n\
              GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        )
        .await;
    let statuses: Vec<&str> = answer
        .lines()
        .filter(|line| line.starts_with("HTTP/1.1 "))
        .collect();
    assert_eq!(
        statuses,
        [
            "HTTP/1.1 200 OK",
            "HTTP/1.1 405 Method Not Allowed",
            "HTTP/1.1 404 Not Found"
        ]
    );
    assert!(answer.ends_with("404 page not found\n"));
    assert!(
        !answer.contains("Method Not Allowed\n"),
        "a HEAD has no body: {answer}"
    );
    running.stop().await;
}

#[tokio::test]
async fn targets_need_not_be_escaped() {
    let running = start(Limits::default()).await;
    let answer = running
        .exchange(
            b"GET /health//alive?<\"\\^`{|}#\xff> HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        )
        .await;
    let location = "location: /health/alive?%3C%22%5C%5E%60%7B%7C%7D%23%FF%3E\r\n";
    assert!(answer.contains(location), "{answer}");
    running.stop().await;
}

#[tokio::test]
async fn slow_requests_are_cut_off() {
    let limits = Limits {
        read: Duration::from_millis(50),
        ..Limits::default()
    };
    let running = start(limits).await;
    for slow in [
        "",
        "GET /health/al",
        "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
    ] {
        assert_eq!(running.exchange(slow.as_bytes()).await, "", "{slow}");
    }
    running.stop().await;
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let limits = Limits {
        idle: Duration::from_millis(50),
        ..Limits::default()
    };
    let running = start(limits).await;
    let answer = running
        .exchange(b"GET /health/alive HTTP/1.1\r\nHost: x\r\n\r\n")
        .await;
    assert!(answer.ends_with("{\"status\":\"ok\"}\n"), "{answer}");
    running.stop().await;
}

#[tokio::test]
async fn large_heads_and_bodies_are_refused() {
    let limits = Limits {
        head_bytes: 16_384,
        body_bytes: 64,
        ..Limits::default()
    };
    let running = start(limits).await;
    let head = format!(
        "GET /health/alive HTTP/1.1\r\nHost: x\r\nx: {}\r\n\r\n",
        "y".repeat(20_000)
    );
    let answer = running.exchange(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let body = format!(
        "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 65\r\n\r\n{}",
        "z".repeat(65)
    );
    let answer = running.exchange(body.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("Unable to parse HTTP body"), "{answer}");
    running.stop().await;
}

#[tokio::test]
async fn a_chunked_body_is_read_whole() {
    let running = start(Limits::default()).await;
    let answer = running
        .exchange(
            b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
              Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n\
              3\r\na=b\r\n0\r\n\r\n",
        )
        .await;
    assert!(answer.contains("'grant_type' is missing"), "{answer}");
    running.stop().await;
}

#[tokio::test]
async fn stopping_lets_a_request_in_flight_finish_and_accepts_no_more() {
    let running = start(Limits::default()).await;
    let mut stream = TcpStream::connect(&running.address).await.unwrap();
    let head = b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\n";
    stream.write_all(head).await.unwrap();
    // The server reads the body now, so the request is in flight.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let address = running.address.clone();
    running.stop.send(()).unwrap();
    while TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(b"a=b").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    running.server.await.unwrap();
}

struct Panics;

#[async_trait::async_trait]
impl Readiness for Panics {
    async fn check(&self) -> Result<(), NotReady> {
        panic!("as a test")
    }
}

#[tokio::test]
async fn a_panic_costs_its_connection_alone() {
    let running = start_world(World::with_readiness(Arc::new(Panics)), Limits::default()).await;
    let ready = b"GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_eq!(running.exchange(ready).await, "");
    let alive = b"GET /health/alive HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(running.exchange(alive).await.starts_with("HTTP/1.1 200 OK"));
    running.stop().await;
}

#[tokio::test]
async fn a_unix_socket_is_served_and_cleared_away() {
    let path = std::env::temp_dir().join(format!("hydrus-test-{}.sock", std::process::id()));
    let server = Server::new(World::new().provider, ServerOptions::default()).unwrap();
    let socket = Socket::bind(&format!("unix:{}", path.display()), 0)
        .await
        .unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(serve(
        server.into(),
        vec![(Listener::Admin, socket)],
        async {
            let _ = stopped.await;
        },
    ));
    let mut stream = tokio::net::UnixStream::connect(&path).await.unwrap();
    let version = b"GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(version).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    stop.send(()).unwrap();
    server.await.unwrap();
    assert!(!path.exists());
}

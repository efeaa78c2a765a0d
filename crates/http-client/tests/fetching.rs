//! Calls to a small server on loopback that answers as the test says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_client::{HttpClient, Patience};
use oauth_types::{Fetch, FetchError, FetchRequest, FetchResponse, Reach};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers one connection after the other; the last answer is given for ever.
struct Server {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        tokio::spawn(async move {
            for turn in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                let mut chunk = [0; 4096];
                while !complete(&request) {
                    let read = stream.read(&mut chunk).await.unwrap();
                    assert!(read > 0, "the request is complete");
                    request.extend_from_slice(&chunk[..read]);
                }
                log.lock()
                    .unwrap()
                    .push(String::from_utf8(request).unwrap());
                let answer = answers.get(turn).or(answers.last()).unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { base, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |l| l.parse().unwrap())
}

fn answer(status: u16, more: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\n{more}content-length: {length}\r\n\r\n{body}")
}

fn client() -> HttpClient {
    HttpClient::new(Patience {
        attempt: Duration::from_secs(20),
        pauses: vec![Duration::ZERO; 2],
        ..Patience::default()
    })
}

async fn get(url: String) -> Result<FetchResponse, FetchError> {
    let request = FetchRequest::get(url, Reach::Everywhere);
    client().fetch(request).await
}

#[tokio::test]
async fn only_what_may_do_better_is_asked_again_and_no_more_than_twice() {
    for (statuses, outcome, calls) in [
        (vec![200], Ok(200), 1),
        (vec![404], Ok(404), 1),
        (vec![501], Ok(501), 1),
        (vec![302], Ok(302), 1),
        (vec![503, 200], Ok(200), 2),
        (vec![429, 500, 201], Ok(201), 3),
        (vec![500], Err(FetchError::GaveUp(500)), 3),
    ] {
        let answers = statuses
            .iter()
            .map(|s| answer(*s, "location: /x\r\n", "hello"));
        let server = Server::start(answers.collect()).await;
        let answered = get(server.base.clone()).await;
        assert_eq!(answered.map(|a| a.status), outcome, "{statuses:?}");
        assert_eq!(server.asked().len(), calls, "{statuses:?}");
    }
}

#[tokio::test]
async fn posts_carry_their_body_and_the_user_of_the_address() {
    let server = Server::start(vec![answer(200, "", "done")]).await;
    let url = server.base.replace("//", "//user:pass@") + "/hook?a=b";
    let request = FetchRequest::post(url, "text/x", b"body".to_vec(), Reach::Everywhere);
    let answered = client().fetch(request).await.unwrap();
    assert_eq!(answered.body, b"done");
    let asked = server.asked().remove(0);
    assert!(asked.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{asked}");
    for part in [
        "content-type: text/x\r\n",
        "authorization: Basic dXNlcjpwYXNz\r\n",
        "\r\n\r\nbody",
    ] {
        assert!(asked.contains(part), "{part} in {asked}");
    }
}

#[tokio::test]
async fn redirects_are_followed_as_often_as_is_allowed() {
    let moved = |status| answer(status, "location: /next\r\n", "");
    for (status, method) in [(302, "GET"), (307, "POST")] {
        let server = Server::start(vec![moved(status), answer(200, "", "there")]).await;
        let request = FetchRequest::post(&server.base, "text/x", b"b".to_vec(), Reach::Everywhere);
        assert_eq!(
            client().fetch(request.follow(1)).await.unwrap().body,
            b"there"
        );
        let next = server.asked().remove(1);
        assert!(next.starts_with(&format!("{method} /next ")), "{next}");
    }
    let server = Server::start(vec![moved(302)]).await;
    let request = FetchRequest::get(&server.base, Reach::Everywhere).follow(3);
    let refused = client().fetch(request).await;
    assert_eq!(
        refused,
        Err(FetchError::Unreachable("stopped after 3 redirects".into()))
    );
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn private_addresses_are_not_called_where_only_public_ones_may_be() {
    let server = Server::start(vec![answer(200, "", "secret")]).await;
    let port = server.base.rsplit_once(':').unwrap().1;
    for host in [
        "127.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "2130706433",
    ] {
        let request = FetchRequest::get(format!("http://{host}:{port}/"), Reach::PublicOnly);
        let refused = client().fetch(request).await;
        assert!(
            matches!(refused, Err(FetchError::Forbidden(_))),
            "{host}: {refused:?}"
        );
    }
    assert_eq!(server.asked().len(), 0);
    assert!(
        get(server.base).await.is_ok(),
        "the same is reached otherwise"
    );
}

#[tokio::test]
async fn answers_are_read_up_to_the_limit() {
    let server = Server::start(vec![answer(200, "", &"x".repeat(100))]).await;
    for (limit, good) in [(100, true), (99, false)] {
        let mut request = FetchRequest::get(&server.base, Reach::Everywhere);
        request.max_bytes = limit;
        let answered = client().fetch(request).await;
        assert_eq!(answered.is_ok(), good, "{limit}");
        assert!(good || answered == Err(FetchError::TooLong));
    }
}

#[tokio::test]
async fn a_silent_server_is_not_waited_for_longer_than_said() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let impatient = HttpClient::new(Patience {
        attempt: Duration::from_millis(20),
        pauses: Vec::new(),
        ..Patience::default()
    });
    let request = FetchRequest::get(url, Reach::Everywhere);
    let answered = impatient.fetch(request).await;
    assert_eq!(
        answered,
        Err(FetchError::Unreachable("the server took too long".into()))
    );
}

#[tokio::test]
async fn plain_text_is_no_tls_and_nonsense_no_http() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"nonsense\r\n\r\n").await;
        }
    });
    for scheme in ["http", "https"] {
        let answered = get(format!("{scheme}://{address}/")).await;
        assert!(
            matches!(answered, Err(FetchError::Unreachable(_))),
            "{scheme}: {answered:?}"
        );
    }
}

#[tokio::test]
async fn addresses_are_looked_up() {
    let found = client().addresses("127.0.0.1").await;
    assert_eq!(found, ["127.0.0.1".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(client().addresses("[::1]").await.len(), 1);
    assert_eq!(client().addresses("no such name").await.len(), 0);
}

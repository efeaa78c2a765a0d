use http::header;
use server::Listener;
use test_support::World;

use crate::support::{ask, send, server, server_of, text};

#[tokio::test]
async fn a_client_is_registered_read_replaced_and_removed() {
    let world = World::with(|policy| policy.clients.subject_types = vec!["public".into()]);
    let server = server_of(&world);
    let body = "{\"client_name\":\"<b>\",\"redirect_uris\":[\"https://a/cb\"]}";
    let made = send(
        &server,
        Listener::Admin,
        "POST",
        "/admin/clients",
        &[],
        body,
    )
    .await;
    assert_eq!(made.status(), 201, "{}", text(&made));
    let location = made.headers()[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned();
    let shown: serde_json::Value = serde_json::from_slice(made.body()).unwrap();
    assert_eq!(
        location,
        format!("/admin/clients/{}", shown["client_id"].as_str().unwrap())
    );
    assert!(
        text(&made).contains("\"client_name\":\"\\u003cb\\u003e\""),
        "{}",
        text(&made)
    );
    assert!(
        shown["grant_types"].is_null(),
        "left out, so null in the answer to a create"
    );
    assert!(
        shown["client_secret"]
            .as_str()
            .is_some_and(|secret| secret.len() == 26)
    );

    let read = ask(&server, Listener::Admin, "GET", &location).await;
    let shown: serde_json::Value = serde_json::from_slice(read.body()).unwrap();
    assert_eq!(shown["grant_types"], serde_json::json!([]));
    assert!(shown.get("client_secret").is_none());

    let list = ask(&server, Listener::Admin, "GET", "/admin/clients").await;
    assert_eq!(list.headers()["x-total-count"], "1");
    assert!(
        list.headers()[header::LINK]
            .to_str()
            .unwrap()
            .starts_with("</admin/clients?page_size=1&")
    );

    let body = "{\"registration_access_token\":\"echo\"}";
    let replaced = send(&server, Listener::Admin, "PUT", &location, &[], body).await;
    let shown: serde_json::Value = serde_json::from_slice(replaced.body()).unwrap();
    assert_eq!(
        (replaced.status().as_u16(), &shown["client_name"]),
        (200, &"".into())
    );
    assert_eq!(shown["registration_access_token"], "echo");

    let gone = ask(&server, Listener::Admin, "DELETE", &location).await;
    assert_eq!((gone.status().as_u16(), text(&gone)), (204, ""));
    assert_eq!(
        ask(&server, Listener::Admin, "DELETE", &location)
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn an_undecodable_client_is_told_why() {
    let server = server();
    for body in [
        "",
        "[]",
        "{\"redirect_uris\":\"x\"}",
        "{\"jwks\":{\"keys\":[1]}}",
        "{\"implicit_grant_id_token_lifespan\":\"1\"}",
    ] {
        let response = send(
            &server,
            Listener::Admin,
            "POST",
            "/admin/clients",
            &[],
            body,
        )
        .await;
        assert_eq!(response.status(), 400, "{body}");
        assert!(
            text(&response).contains("Unable to decode the request body: "),
            "{body}"
        );
    }
}

//! Odd texts that are allowed where they come in, and then travel through a whole flow: what the
//! database keeps comes back as it was.

use serde_json::json;

use crate::database::Kind;
use crate::http::Call;
use crate::robot::{Browser, Client, REDIRECT_URI, Tokens, introspection};
use crate::site::Site;

const ODD: &str = "a\u{0}b \u{202e}\u{ffff}\u{1f512}'\"\\<script> \r\n";

#[test]
fn odd_texts_travel_through_a_flow_in_memory() {
    check(Kind::Memory);
}

#[test]
fn odd_texts_travel_through_a_flow_on_sqlite() {
    check(Kind::Sqlite);
}

#[test]
fn odd_texts_travel_through_a_flow_on_postgres() {
    check(Kind::Postgres);
}

fn check(kind: Kind) {
    let Some(mut site) = Site::new(kind) else {
        return;
    };
    let mut server = site.start();
    let odd = json!({ "client_name": ODD, "owner": ODD, "metadata": { ODD: [ODD] } });
    let client = Client::register(&server, &odd);
    let read = Call::get(format!("/admin/clients/{}", client.id))
        .send(server.admin)
        .expect(200)
        .json();
    assert_eq!(read["client_name"], ODD);
    assert_eq!(read["metadata"], json!({ ODD: [ODD] }));

    let mut browser = Browser::new(&server);
    let hints = [("login_hint", ODD), ("ui_locales", ODD), ("unknown", ODD)];
    let to_login = browser.authorize(&client, "openid offline", &hints);
    let to_login = to_login.expect(302);
    let login = json!({
        "subject": ODD, "remember": true, "acr": ODD, "amr": [ODD],
        "context": { ODD: ODD },
    });
    let to_consent = browser.accept("login", &to_login, &login).expect(302);
    let consent = json!({
        "grant_scope": ["openid", "offline"],
        "remember": true,
        "session": { "id_token": { "odd": ODD }, "access_token": { "odd": ODD } },
    });
    let to_client = browser.accept("consent", &to_consent, &consent).expect(303);
    let location = to_client.header("location").unwrap();
    assert!(location.starts_with(REDIRECT_URI), "{location}");
    let code = to_client.location_param("code");
    let tokens = Tokens::of(&client.code_grant(&code).send(server.public).expect(200));
    let tokens = Tokens::of(
        &client
            .refresh_grant(&tokens.refresh)
            .send(server.public)
            .expect(200),
    );
    let about = introspection(&tokens.access)
        .send(server.admin)
        .expect(200)
        .json();
    assert_eq!(about["sub"], ODD);
    assert_eq!(about["ext"]["odd"], ODD);
    let userinfo = Call::get("/userinfo").bearer(&tokens.access);
    let userinfo = userinfo.send(server.public).expect(200).json();
    assert_eq!(userinfo["odd"], ODD);
    server.is_well();
}

//! What is remembered of logins (authorization document 6.6) and of consents (7.2), and for how long.

use oauth_types::Page;
use provider::{AcceptConsent, AcceptLogin, ConsentRequest, CookieLifetime, Requested};
use test_support::{Robot, TestClient, World, param_of};

use crate::{consent, login, query, remembered_login, told, walk};

/// The session cookie that a login leaves.
async fn session_cookie(
    robot: &mut Robot,
    client: &TestClient,
    accept: AcceptLogin,
) -> Option<CookieLifetime> {
    let go = robot.visit(&query(client, &[])).await;
    let back = robot.log_in_as(&go, accept).await;
    assert_eq!(told(&robot.visit(&back).await), "consent");
    let changed = robot
        .changed
        .iter()
        .find(|change| change.name == "ory_hydra_session");
    changed.map(|change| change.lifetime)
}

#[tokio::test]
async fn remember_for_is_the_lifetime_of_the_cookie() {
    for (remember, remember_for, expected) in [
        (false, 0, CookieLifetime::Removed),
        (false, 3_600, CookieLifetime::Removed),
        (true, 3_600, CookieLifetime::Seconds(3_600)),
        (true, 0, CookieLifetime::Browser),
        (true, -1, CookieLifetime::Browser),
    ] {
        let world = World::new();
        let client = world.client("openid").await;
        let mut robot = world.robot();
        let accept = AcceptLogin {
            remember,
            remember_for,
            ..login("alice")
        };
        let cookie = session_cookie(&mut robot, &client, accept.clone()).await;
        assert_eq!(cookie, Some(expected), "{remember} {remember_for}");
        // The server itself forgets nothing.
        world.clock.advance(10_000);
        let go = robot.visit(&query(&client, &[("prompt", "none")])).await;
        let skipped = if remember {
            "login"
        } else {
            "query login_required"
        };
        assert_eq!(told(&go), skipped, "{remember} {remember_for}");
        if remember {
            let cookie = session_cookie(&mut robot, &client, accept).await;
            assert_eq!(cookie, None, "a skipped login leaves the cookie alone");
        }
    }
}

#[tokio::test]
async fn a_skipped_login_stays_remembered_whatever_the_app_says() {
    let world = World::new();
    let client = world.client("openid").await;
    let mut robot = world.robot();
    session_cookie(&mut robot, &client, remembered_login("alice")).await;
    assert_eq!(
        session_cookie(&mut robot, &client, login("alice")).await,
        None
    );
    let go = robot.visit(&query(&client, &[("prompt", "none")])).await;
    assert_eq!(told(&go), "login");
}

#[tokio::test]
async fn a_login_that_is_not_remembered_ends_the_session_of_the_browser() {
    let world = World::new();
    let client = world.client("openid").await;
    let mut robot = world.robot();
    session_cookie(&mut robot, &client, remembered_login("alice")).await;
    let mut copy = world.robot();
    copy.cookies = robot.cookies.clone();
    let go = robot.visit(&query(&client, &[("prompt", "login")])).await;
    let back = robot.log_in_as(&go, login("alice")).await;
    robot.visit(&back).await;
    assert_eq!(robot.cookies.get("ory_hydra_session"), None);
    let go = copy.visit(&query(&client, &[("prompt", "none")])).await;
    assert_eq!(
        told(&go),
        "query login_required",
        "a copied cookie is worth nothing"
    );
    // Once more with a cookie whose session is gone already.
    let go = copy.visit(&query(&client, &[])).await;
    let back = copy.log_in_as(&go, login("alice")).await;
    assert_eq!(told(&copy.visit(&back).await), "consent");
}

/// A consent that was given, and a request that comes later.
struct Case<'a> {
    granted: &'a str,
    remember: bool,
    remember_for: i64,
    later: i64,
    asked: &'a str,
    skip: bool,
}

async fn consent_request(world: &World, robot: &mut Robot, asked: &str) -> ConsentRequest {
    let go = robot.visit(asked).await;
    let back = robot.log_in_as(&go, remembered_login("alice")).await;
    let challenge = param_of(&robot.visit(&back).await, "consent_challenge");
    match world.provider.consent_request(&challenge).await {
        Ok(Requested::Open(request)) => request,
        other => panic!("{other:?}"),
    }
}

async fn check(case: &Case<'_>) {
    let world = World::new();
    let client = world.client("openid photos.* mail").await;
    let agreed = AcceptConsent {
        remember: case.remember,
        remember_for: case.remember_for,
        ..consent(case.granted)
    };
    let mut robot = world.robot();
    walk(
        &mut robot,
        &query(&client, &[]),
        remembered_login("alice"),
        agreed,
    )
    .await;
    world.clock.advance(case.later);
    let asked = query(&client, &[("scope", case.asked)]);
    let request = consent_request(&world, &mut robot, &asked).await;
    let told = format!("{} {} {}", case.granted, case.asked, case.later);
    assert_eq!(request.skip, case.skip, "{told}");
}

#[tokio::test]
async fn a_remembered_consent_answers_what_it_covers_until_it_runs_out() {
    for (granted, remember, remember_for, later, asked, skip) in [
        ("openid", true, 0, 0, "openid", true),
        ("openid", true, 0, 1_000_000, "openid", true),
        ("openid", true, 60, 60, "openid", true),
        ("openid", true, 60, 61, "openid", false),
        ("openid", false, 0, 0, "openid", false),
        ("openid", true, 0, 0, "openid mail", false),
        ("openid mail", true, 0, 0, "openid", true),
        ("openid photos.*", true, 0, 0, "openid photos.read", true),
        ("photos.read", true, 0, 0, "photos.*", false),
        ("mail", true, 0, 0, "", true),
    ] {
        let case = Case {
            granted,
            remember,
            remember_for,
            later,
            asked,
            skip,
        };
        check(&case).await;
    }
}

/// Only the newest remembered consent is looked at, and one that was skipped is none.
#[tokio::test]
async fn the_newest_remembered_consent_hides_older_ones() {
    for (newer, remember, remember_for, skip) in [
        ("openid", true, 0, false),
        ("openid", false, 0, true),
        ("openid mail", true, 10, false),
    ] {
        let world = World::new();
        let client = world.client("openid mail").await;
        let mut robot = world.robot();
        // `prompt=consent` keeps the second from being skipped.
        let asked = query(&client, &[("scope", "openid mail"), ("prompt", "consent")]);
        for (granted, remember, remember_for) in
            [("openid mail", true, 0), (newer, remember, remember_for)]
        {
            let agreed = AcceptConsent {
                remember,
                remember_for,
                ..consent(granted)
            };
            walk(&mut robot, &asked, remembered_login("alice"), agreed).await;
            world.clock.advance(20);
        }
        let asked = query(&client, &[("scope", "openid mail")]);
        let request = consent_request(&world, &mut robot, &asked).await;
        assert_eq!(request.skip, skip, "{newer} {remember} {remember_for}");
    }
}

#[tokio::test]
async fn a_skipped_consent_neither_prolongs_nor_is_listed() {
    let world = World::new();
    let client = world.client("openid").await;
    let mut robot = world.robot();
    for _ in 0..3 {
        let agreed = AcceptConsent {
            remember: true,
            remember_for: 60,
            ..consent("openid")
        };
        walk(
            &mut robot,
            &query(&client, &[]),
            remembered_login("alice"),
            agreed,
        )
        .await;
        world.clock.advance(25);
    }
    // 75 seconds after the first, 25 after the last.
    let asked = query(&client, &[]);
    assert!(!consent_request(&world, &mut robot, &asked).await.skip);
    let page = Page {
        offset: 0,
        size: 10,
    };
    let listed = world
        .provider
        .consent_sessions("alice", None, page)
        .await
        .expect("a list");
    assert_eq!(
        (listed.total, listed.items.len()),
        (1, 0),
        "one, and it ran out"
    );
}

#[tokio::test]
async fn a_consent_counts_from_its_acceptance_and_for_its_own_user_and_client_alone() {
    let world = World::new();
    let (one, two) = (world.client("openid").await, world.client("openid").await);
    let mut robot = world.robot();
    let go = robot.visit(&query(&one, &[])).await;
    let back = robot.log_in(&go, "alice", true).await;
    let go = robot.visit(&back).await;
    let agreed = AcceptConsent {
        remember: true,
        ..consent("openid")
    };
    // The browser never comes back.
    robot.consent_as(&go, agreed).await;
    assert!(
        consent_request(&world, &mut robot, &query(&one, &[]))
            .await
            .skip
    );
    assert!(
        !consent_request(&world, &mut robot, &query(&two, &[]))
            .await
            .skip
    );
    let mut bob = world.robot();
    let go = bob.visit(&query(&one, &[])).await;
    let back = bob.log_in(&go, "bob", true).await;
    let challenge = param_of(&bob.visit(&back).await, "consent_challenge");
    match world.provider.consent_request(&challenge).await {
        Ok(Requested::Open(request)) => assert!(!request.skip, "bob gave none"),
        other => panic!("{other:?}"),
    }
}

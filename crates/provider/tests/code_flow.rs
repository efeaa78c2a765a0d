//! The authorization code flow through the provider: what is given once, and to whom.

use oauth_types::{ErrorCode, FormBody, Params};
use provider::{Go, Requested};
use test_support::World;

fn redeem<'a>(code: &'a str, redirect_uri: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
    ]
}

#[tokio::test]
async fn a_code_buys_tokens_once_and_a_replay_ends_them() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let code = world.robot().code(&client, "alice", "openid offline").await;
    let form = redeem(&code, &client.redirect_uri);
    let tokens = world.token(&client, &form).await.expect("a fresh code");
    assert!(world.is_active(&tokens.access_token).await);
    let refresh = tokens.refresh_token.expect("offline was granted");
    assert!(world.is_active(&refresh).await);

    let error = world
        .token(&client, &form)
        .await
        .expect_err("the code is spent");
    assert!(error.is(ErrorCode::InvalidGrant));
    assert!(
        error
            .description(false)
            .ends_with("The authorization code has already been used.")
    );
    assert!(!world.is_active(&tokens.access_token).await);
    assert!(!world.is_active(&refresh).await);
}

#[tokio::test]
async fn another_client_neither_redeems_nor_ends_a_code() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let thief = world.client("openid offline").await;
    let code = world.robot().code(&client, "alice", "openid offline").await;
    let form = redeem(&code, &client.redirect_uri);
    let error = world
        .token(&thief, &form)
        .await
        .expect_err("not the thief's");
    assert!(
        error
            .description(false)
            .contains("does not match the one from the authorize request")
    );
    let tokens = world.token(&client, &form).await.expect("still good");
    let error = world
        .token(&thief, &form)
        .await
        .expect_err("not the thief's");
    assert!(
        error
            .description(false)
            .contains("does not match the one from the authorize request")
    );
    assert!(
        world.is_active(&tokens.access_token).await,
        "a stranger's replay ends nothing"
    );
}

#[tokio::test]
async fn codes_end_after_ten_minutes_and_access_tokens_after_an_hour() {
    let world = World::new();
    let client = world.client("openid").await;
    let code = world.robot().code(&client, "alice", "openid").await;
    world.clock.advance(601);
    let error = world
        .token(&client, &redeem(&code, &client.redirect_uri))
        .await
        .expect_err("late");
    assert!(error.is(ErrorCode::InvalidGrant));

    let tokens = world.tokens(&client, "alice", "openid").await;
    world.clock.advance(3_599);
    assert!(world.is_active(&tokens.access_token).await);
    world.clock.advance(2);
    assert!(!world.is_active(&tokens.access_token).await);
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_family() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let first = world.tokens(&client, "alice", "openid offline").await;
    let old = first.refresh_token.expect("offline was granted");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", old.expose()),
    ];
    let second = world.token(&client, &form).await.expect("the first use");
    let new = second.refresh_token.expect("always rotated");
    assert!(
        !world.is_active(&first.access_token).await,
        "rotation ends the former access token"
    );
    assert!(world.is_active(&second.access_token).await);

    let reuse = async |token: String| {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token.as_str()),
        ];
        let error = world.token(&client, &form).await.expect_err("a dead token");
        (error.status(), error.name().to_owned())
    };
    // The sequence that Hydra answers: reuse, gone, the family's other token, gone.
    let (old, new) = (old.expose().to_owned(), new.expose().to_owned());
    assert_eq!(reuse(old.clone()).await, (401, "token_inactive".into()));
    assert!(!world.is_active(&second.access_token).await);
    assert_eq!(reuse(old).await, (400, "invalid_grant".into()));
    assert_eq!(reuse(new.clone()).await, (401, "token_inactive".into()));
    assert_eq!(reuse(new).await, (400, "invalid_grant".into()));
}

#[tokio::test]
async fn within_the_repeat_window_a_refresh_gets_the_identical_answer() {
    let world = World::with(|policy| {
        policy.tokens.repeat_window = oauth_types::Duration::from_secs(30);
    });
    let client = world.client("openid offline").await;
    let tokens = world.tokens(&client, "alice", "openid offline").await;
    let old = tokens.refresh_token.expect("offline was granted");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", old.expose()),
    ];
    let once = world.token(&client, &form).await.expect("the first use");
    world.clock.advance(10);
    let again = world
        .token(&client, &form)
        .await
        .expect("within the window");
    assert_eq!(once.access_token.expose(), again.access_token.expose());
    assert_eq!(
        once.refresh_token.as_ref().map(oauth_types::Secret::expose),
        again
            .refresh_token
            .as_ref()
            .map(oauth_types::Secret::expose)
    );
    world.clock.advance(30);
    let error = world
        .token(&client, &form)
        .await
        .expect_err("after the window");
    assert!(error.is(ErrorCode::TokenInactive));
    assert!(
        !world.is_active(&once.access_token).await,
        "now it counts as stolen"
    );
}

#[tokio::test]
async fn verifiers_are_used_up_by_whatever_happens() {
    let world = World::new();
    let client = world.client("openid").await;
    let query = Params::from_iter([
        ("client_id", client.id.as_str()),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "state-0123456789"),
    ])
    .encode_sorted();
    let mut robot = world.robot();
    let to_login = robot.visit(&query).await;
    let back = robot.log_in(&to_login, "alice", false).await;
    // Somebody else's browser brings the verifier, without the cookie.
    let answer = world.robot().visit(&back).await;
    let Go::Client(url) = answer else {
        panic!("the client is told")
    };
    assert!(url.contains("error=request_forbidden"), "{url}");
    // The right browser comes too late.
    let Go::Client(url) = robot.visit(&back).await else {
        panic!("the client is told")
    };
    assert!(url.contains("error=invalid_request"), "{url}");
}

#[tokio::test]
async fn a_used_login_request_says_where_to_go_on() {
    let world = World::new();
    let client = world.client("openid").await;
    let mut robot = world.robot();
    let query = format!(
        "client_id={}&response_type=code&scope=openid&state=state-0123456789",
        client.id
    );
    let to_login = robot.visit(&query).await;
    let Go::App(url) = &to_login else {
        panic!("to the login app")
    };
    let challenge = url
        .split("login_challenge=")
        .nth(1)
        .expect("a challenge")
        .to_owned();
    assert!(challenge.len() <= 64, "challenges are short");
    let back = robot.log_in(&to_login, "alice", true).await;
    robot.visit(&back).await;
    match world.provider.login_request(&challenge).await {
        Ok(Requested::Gone { redirect_to }) => assert!(redirect_to.ends_with(&query)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_slow_hash_per_first_authentication_and_none_afterwards() {
    let world = World::new();
    let client = world.client("read").await;
    for _ in 0..5 {
        world
            .token(
                &client,
                &[("grant_type", "client_credentials"), ("scope", "read")],
            )
            .await
            .expect("a machine's token");
    }
    assert_eq!(
        world.provider.work_done(),
        (1, 0),
        "slow hashes and signatures"
    );
}

#[tokio::test]
async fn revoking_a_token_ends_its_family_and_nobody_elses() {
    let world = World::new();
    let client = world.client("openid offline").await;
    let other = world.client("openid offline").await;
    let tokens = world.tokens(&client, "alice", "openid offline").await;
    let form = FormBody::Urlencoded(Params::from_iter([("token", tokens.access_token.expose())]));
    world
        .provider
        .revoke(&form, Some(&other.basic()))
        .await
        .expect("answered all the same");
    assert!(
        world.is_active(&tokens.access_token).await,
        "not the other client's to revoke"
    );
    world
        .provider
        .revoke(&form, Some(&client.basic()))
        .await
        .expect("revoked");
    assert!(!world.is_active(&tokens.access_token).await);
    assert!(
        !world
            .is_active(&tokens.refresh_token.expect("offline was granted"))
            .await
    );
}

#[tokio::test]
async fn twenty_four_refreshes_of_one_token_have_one_winner() {
    let world = std::sync::Arc::new(World::new());
    let client = world.client("openid offline").await;
    let tokens = world.tokens(&client, "alice", "openid offline").await;
    let old = tokens
        .refresh_token
        .expect("offline was granted")
        .expose()
        .to_owned();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let (world, client, old) = (world.clone(), client.clone(), old.clone());
        tasks.spawn(async move {
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", old.as_str()),
            ];
            world
                .token(&client, &form)
                .await
                .map_err(|error| error.status())
        });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 1);
    assert!(
        outcomes
            .iter()
            .filter_map(|o| o.as_ref().err())
            .all(|status| *status < 500)
    );
}

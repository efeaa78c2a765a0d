//! What can be used once has one winner, however many come at the same moment.

use std::sync::Arc;

use provider::{BrowserAnswer, BrowserRequest, Cookies, Go};
use test_support::World;
use tokio::task::JoinSet;

use crate::{login, query, told};

const CALLERS: usize = 24;

/// The same visit by many at once; returns where each was sent, sorted.
async fn all_at_once(world: &Arc<World>, path: &str, asked: &str, cookies: &Cookies) -> Vec<Go> {
    let barrier = Arc::new(tokio::sync::Barrier::new(CALLERS));
    let mut visits = JoinSet::new();
    for _ in 0..CALLERS {
        let (world, barrier) = (world.clone(), barrier.clone());
        let (path, asked, cookies) = (path.to_owned(), asked.to_owned(), cookies.clone());
        visits.spawn(async move {
            let path_and_query = format!("{path}?{asked}");
            let request = BrowserRequest {
                post: false,
                query: &asked,
                form: oauth_types::FormBody::None,
                raw_form: None,
                path_and_query: &path_and_query,
                cookies: &cookies,
            };
            barrier.wait().await;
            let answer: BrowserAnswer = match path.as_str() {
                "/oauth2/auth" => world.provider.authorize(&request).await,
                _ => world.provider.logout(&request).await,
            };
            answer.go
        });
    }
    visits.join_all().await
}

fn count(answers: &[Go], expected: &str) -> usize {
    answers.iter().filter(|go| told(go) == expected).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_login_verifier_lets_one_visit_through() {
    let world = Arc::new(World::new());
    let client = world.client("openid").await;
    let mut robot = world.robot();
    let go = robot.visit(&query(&client, &[])).await;
    let back = robot.log_in_as(&go, login("alice")).await;
    let answers = all_at_once(&world, "/oauth2/auth", &back, &robot.cookies).await;
    assert_eq!(count(&answers, "consent"), 1, "{answers:?}");
    assert_eq!(
        count(&answers, "query invalid_request"),
        CALLERS - 1,
        "{answers:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_consent_verifier_buys_one_code() {
    let world = Arc::new(World::new());
    let client = world.client("openid").await;
    let mut robot = world.robot();
    let go = robot.visit(&query(&client, &[])).await;
    let back = robot.log_in_as(&go, login("alice")).await;
    let go = robot.visit(&back).await;
    let back = robot.consent(&go, "openid").await;
    let answers = all_at_once(&world, "/oauth2/auth", &back, &robot.cookies).await;
    assert_eq!(count(&answers, "query"), 1, "{answers:?}");
    assert_eq!(
        count(&answers, "query invalid_request"),
        CALLERS - 1,
        "{answers:?}"
    );
}

/// The losers are led to the target, too, but only one visit ends the session: the client that
/// wants to be told by a frame is told once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_logout_verifier_logs_out_once() {
    let world = Arc::new(World::new());
    let client = world
        .client_with("openid", |c| {
            c.frontchannel_logout_uri = "https://app.example/out".into();
        })
        .await;
    let mut robot = world.robot();
    let go = robot.visit(&query(&client, &[])).await;
    let back = robot.log_in(&go, "alice", true).await;
    robot.visit(&back).await;
    let challenge = test_support::param_of(&robot.log_out("").await, "logout_challenge");
    let back = world
        .provider
        .accept_logout(&challenge)
        .await
        .expect("accepted");
    let back = back.split_once('?').expect("a query").1;
    let answers = all_at_once(&world, "/oauth2/sessions/logout", back, &robot.cookies).await;
    assert_eq!(count(&answers, "frames"), 1, "{answers:?}");
    assert_eq!(count(&answers, "target"), CALLERS - 1, "{answers:?}");
}

/// A code is redeemed by many at once: one gets tokens, and because the others came with a used
/// code, none of its tokens lives on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_is_redeemed_once_and_a_race_ends_what_it_bought() {
    let world = Arc::new(World::new());
    let client = world.client("openid offline").await;
    let code = world.robot().code(&client, "alice", "openid offline").await;
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (world, client, code) = (world.clone(), client.clone(), code.clone());
        callers.spawn(async move {
            let form = crate::code_grant::form(&code, &client.redirect_uri);
            world.token(&client, &form).await
        });
    }
    let answers = callers.join_all().await;
    let won: Vec<_> = answers
        .iter()
        .filter_map(|answer| answer.as_ref().ok())
        .collect();
    assert_eq!(won.len(), 1);
    let refused = answers.iter().filter_map(|answer| answer.as_ref().err());
    assert!(refused.into_iter().all(|error| error.status() == 400));
    let refresh = won[0].refresh_token.as_ref().expect("offline was granted");
    assert!(!world.is_active(&won[0].access_token).await);
    assert!(!world.is_active(refresh).await);
}

//! CSRF cookies tie the two steps of a flow to the browser that began them (authorization document
//! 3.4). Twins without `SameSite` stand in where they are switched on.

use test_support::{Robot, World};

use crate::{assert_told, query};

const BROKEN: &str = "CSRF session cookie could not be decoded.";
const MISSING: &str = "No CSRF value available in the session cookie.";
const OTHER: &str =
    "The CSRF value from the token does not match the CSRF value from the data store.";

/// What happens to a cookie between the app and the way back.
#[derive(Clone, Copy, Debug)]
enum To {
    Keep,
    Lose,
    Empty,
    Garble,
    /// The value of another browser's flow under the same name.
    Swap,
    /// A good value that was made for a cookie of another name.
    Rename,
}

fn change(robot: &mut Robot, name: &str, to: To, other: &Robot) {
    let theirs = other.cookies.get(name).unwrap_or_default().to_owned();
    let foreign = robot
        .cookies
        .0
        .iter()
        .find(|(n, _)| n != name)
        .map(|(_, v)| v.clone());
    let Some(cookie) = robot.cookies.0.iter_mut().find(|(n, _)| n == name) else {
        return;
    };
    match to {
        To::Keep => {}
        To::Lose => cookie.0.clear(),
        To::Empty => cookie.1.clear(),
        To::Garble => cookie.1.replace_range(..4, "AAAA"),
        To::Swap => cookie.1 = theirs,
        To::Rename => cookie.1 = foreign.unwrap_or_default(),
    }
}

async fn check(step: &str, twins: bool, primary: To, twin: To, hint: &str) {
    let world = World::with(|policy| policy.cookies.legacy_twins = twins);
    let client = world.client("openid").await;
    let (mut robot, mut other) = (world.robot(), world.robot());
    let asked = query(&client, &[]);
    let mut backs = Vec::new();
    for robot in [&mut robot, &mut other] {
        let go = robot.visit(&asked).await;
        let mut back = robot.log_in(&go, "alice", true).await;
        if step == "consent" {
            let go = robot.visit(&back).await;
            back = robot.consent(&go, "openid").await;
        }
        backs.push(back);
    }
    let prefix = format!("ory_hydra_{step}_csrf_");
    let names: Vec<String> = robot
        .cookies
        .0
        .iter()
        .map(|(name, _)| name.clone())
        .filter(|name| name.starts_with(&prefix))
        .collect();
    assert_eq!(names.len(), if twins { 2 } else { 1 });
    for name in &names {
        let to = if name.ends_with("_legacy") {
            twin
        } else {
            primary
        };
        change(&mut robot, name, to, &other);
    }
    let go = robot.visit(&backs[0]).await;
    let expected = match (hint, step) {
        ("", "login") => "consent",
        ("", _) => "query",
        _ => "query request_forbidden",
    };
    assert_told(
        &go,
        expected,
        hint,
        &format!("{step} {twins} {primary:?} {twin:?}"),
    );
}

#[tokio::test]
async fn a_cookie_has_to_be_there_whole_and_of_this_flow() {
    for step in ["login", "consent"] {
        for (primary, hint) in [
            (To::Keep, ""),
            (To::Lose, MISSING),
            (To::Empty, BROKEN),
            (To::Garble, BROKEN),
            (To::Rename, BROKEN),
            (To::Swap, OTHER),
        ] {
            check(step, false, primary, To::Keep, hint).await;
        }
    }
}

#[tokio::test]
async fn a_twin_stands_in_for_a_cookie_that_is_missing_or_broken() {
    for step in ["login", "consent"] {
        for (primary, twin, hint) in [
            (To::Keep, To::Keep, ""),
            (To::Keep, To::Garble, ""),
            (To::Keep, To::Lose, ""),
            (To::Lose, To::Keep, ""),
            (To::Garble, To::Keep, ""),
            (To::Lose, To::Lose, MISSING),
            (To::Garble, To::Lose, MISSING),
            (To::Lose, To::Garble, BROKEN),
            (To::Garble, To::Garble, BROKEN),
            (To::Swap, To::Keep, OTHER),
            (To::Lose, To::Swap, OTHER),
        ] {
            check(step, true, primary, twin, hint).await;
        }
    }
}

#[tokio::test]
async fn a_twin_counts_only_where_twins_are_switched_on() {
    let world = World::with(|policy| policy.cookies.legacy_twins = true);
    let client = world.client("openid").await;
    let mut robot = world.robot();
    let go = robot.visit(&query(&client, &[])).await;
    let back = robot.log_in(&go, "alice", true).await;
    world.change_policy(|policy| policy.cookies.legacy_twins = false);
    robot
        .cookies
        .0
        .retain(|(name, _)| name.ends_with("_legacy"));
    let go = robot.visit(&back).await;
    assert_told(
        &go,
        "query request_forbidden",
        MISSING,
        "only the twin is left",
    );
}

/// Flows of two clients run side by side in one browser.
#[tokio::test]
async fn each_client_has_a_cookie_of_its_own() {
    let world = World::new();
    let (one, two) = (world.client("openid").await, world.client("openid").await);
    let mut robot = world.robot();
    let first = robot.visit(&query(&one, &[])).await;
    let second = robot.visit(&query(&two, &[])).await;
    for go in [first, second] {
        let back = robot.log_in(&go, "alice", false).await;
        assert_told(&robot.visit(&back).await, "consent", "", "side by side");
    }
}

#[tokio::test]
async fn a_verifier_belongs_to_the_client_that_began_the_flow() {
    let world = World::new();
    let (one, two) = (world.client("openid").await, world.client("openid").await);
    let mut robot = world.robot();
    let go = robot.visit(&query(&one, &[])).await;
    let back = robot.log_in(&go, "alice", false).await;
    let stolen = back.replace(&one.id, &two.id);
    let hint = "The flow client id does not match the authorize request client id.";
    assert_told(
        &robot.visit(&stolen).await,
        "query invalid_client",
        hint,
        "other client",
    );
}

//! A fixed clock, seeded entropy, and a whole server in one call, for tests.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use test_support::World;
//! let world = World::new();
//! let client = world.client("openid offline").await;
//! let tokens = world.tokens(&client, "alice", "openid offline").await;
//! assert!(tokens.refresh_token.is_some());
//! world.clock.advance(3_601);
//! # });
//! ```

mod clock;
mod entropy;
mod robot;
mod world;

pub use clock::FixedClock;
pub use entropy::SeededEntropy;
pub use robot::{Robot, param_of};
pub use world::{SIGNING_KEY, SYSTEM_SECRET, TestClient, World, policy};

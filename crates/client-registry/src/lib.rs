//! placeholder docs come with the code

mod store;

pub use store::*;

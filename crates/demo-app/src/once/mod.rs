//! The demo without a person: a tiny browser of its own that walks the whole flow over HTTP,
//! through the same pages and ports that a person's browser would use.

mod browser;
mod cookie_jar;
mod report;
mod visitor;
mod walk;

pub(crate) mod html;

pub use report::StepError;
pub use walk::walk;

//! JSON, form and query shapes of the public and the admin HTTP API, and nothing else: what a body
//! means is decided elsewhere.
//!
//! Both ways they follow Hydra's (that is, Go's) conventions to the byte, so that clients of either
//! server see no difference:
//!
//! ```
//! use api_types::admin::ClientBody;
//! use api_types::{decode_first, to_go_json};
//! let body: ClientBody = decode_first(br#"{"CLIENT_NAME":"a","client_name":"<b>"} and more"#)?;
//! assert_eq!(body.client_name, "<b>");
//! assert_eq!(to_go_json(&body.client_name), r#""\u003cb\u003e""#);
//! # Ok::<(), api_types::DecodeError>(())
//! ```

pub mod admin;
pub mod public;

mod decode;
mod error;
mod json;
mod json_text;
mod pagination;
mod raw;
mod sorted;

pub use decode::{Body, DecodeError, Members, decode_first, first_value};
pub use error::ErrorBody;
pub use json::to_go_json;
pub use pagination::PageQuery;
pub use raw::RawJson;
pub use sorted::Sorted;

use crate::macros::text_type;

text_type! {
    /// The end user as the login app names them, at most 255 characters; the `sub` of clients that
    /// are not pairwise (OpenID Connect Core §8).
    Subject
}

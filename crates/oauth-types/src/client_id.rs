use crate::macros::text_type;

text_type! {
    /// Names an OAuth 2.0 client (RFC 6749 §2.2). Any text of at most 255 characters.
    ClientId
}

/// Counts the changes of one client: a back end raises it with every update.
///
/// It lets a cached client be confirmed inside the very statement that acts for it, so that an
/// update at another replica counts at once and costs no round trip of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientVersion(pub i64);

/// "This client, unchanged since it was read": the condition of guarded writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientGuard {
    /// The client that acts.
    pub id: ClientId,
    /// The version that the decision was made on.
    pub version: ClientVersion,
}

use oauth_types::{ErrorCode, OAuthError};
use serde_json::{Map, Value};

/// How many operations one patch may have; each may copy a large value.
const MOST_OPERATIONS: usize = 1_000;

/// A JSON Patch (RFC 6902) of a client: `add`, `remove` and `replace`, all or nothing.
///
/// Hydra: `test`, `move` and `copy` are refused, `replace` of a missing member adds it, and negative
/// indices count from the end.
#[derive(Clone, Debug)]
pub struct Patch(Vec<Operation>);

#[derive(Clone, Debug)]
struct Operation {
    kind: Kind,
    path: String,
    value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Add,
    Remove,
    Replace,
}

/// Why a patch is not applied; nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchFault {
    /// It is no list of operations.
    #[error("Unable to decode the patch: {0}")]
    Unreadable(String),
    /// An operation that is not to be had.
    #[error("The patch operation '{0}' is not supported, only add, remove and replace are.")]
    Operation(String),
    /// An operation that names no place.
    #[error("The patch operation '{0}' has no path.")]
    NoPath(&'static str),
    /// A place that must not be changed.
    #[error("The patch operation '{op}' must not change '{path}'.")]
    Denied {
        /// The operation.
        op: &'static str,
        /// Its path.
        path: String,
    },
    /// A place that is not there.
    #[error("The patch operation '{op}' cannot be applied to '{path}': {why}.")]
    Path {
        /// The operation.
        op: &'static str,
        /// Its path.
        path: String,
        /// A few words.
        why: &'static str,
    },
}

impl From<PatchFault> for OAuthError {
    fn from(fault: PatchFault) -> Self {
        Self::new(ErrorCode::Malformed).hint(fault.to_string())
    }
}

impl Patch {
    /// Reads a patch: the whole body is one JSON list. `null` is a patch without operations.
    ///
    /// # Errors
    /// [`PatchFault`].
    pub fn parse(body: &[u8]) -> Result<Self, PatchFault> {
        let list: Option<Vec<Map<String, Value>>> =
            serde_json::from_slice(body).map_err(|why| PatchFault::Unreadable(why.to_string()))?;
        let list = list.unwrap_or_default();
        if list.len() > MOST_OPERATIONS {
            let why = format!("it has more than {MOST_OPERATIONS} operations");
            return Err(PatchFault::Unreadable(why));
        }
        list.into_iter()
            .map(operation)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether an operation changes a member of the document, or something within it. What is not
    /// touched need not go through the patched document and can stay as it was written.
    #[must_use]
    pub fn touches(&self, member: &str) -> bool {
        self.0.iter().any(|operation| {
            let mut tokens = operation.path.split('/').skip(1);
            tokens.next().is_some_and(|first| unescape(first) == member)
        })
    }

    /// Applies all operations in order. Whatever they do, `client_id` has to come out as it was:
    /// otherwise the patch of one client would overwrite another.
    ///
    /// # Errors
    /// [`PatchFault`], and the document is lost; the caller keeps its own.
    pub fn apply(&self, mut document: Value) -> Result<Value, PatchFault> {
        let id = document.get("client_id").cloned();
        let mut changed_by = "replace";
        for operation in &self.0 {
            apply(operation, &mut document)?;
            if operation.path == "/client_id" {
                changed_by = operation.kind.name();
            }
        }
        if document.get("client_id") == id.as_ref() {
            Ok(document)
        } else {
            Err(PatchFault::Denied {
                op: changed_by,
                path: "/client_id".to_owned(),
            })
        }
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

fn operation(mut members: Map<String, Value>) -> Result<Operation, PatchFault> {
    let kind = match members
        .get("op")
        .and_then(Value::as_str)
        .unwrap_or_default()
    {
        "add" => Kind::Add,
        "remove" => Kind::Remove,
        "replace" => Kind::Replace,
        other => return Err(PatchFault::Operation(other.to_owned())),
    };
    let op = kind.name();
    let Some(Value::String(path)) = members.remove("path") else {
        return Err(PatchFault::NoPath(op));
    };
    if path == "/id" {
        return Err(PatchFault::Denied { op, path });
    }
    if !path.starts_with('/') {
        let why = "a path begins with a slash";
        return Err(PatchFault::Path { op, path, why });
    }
    let value = members.remove("value");
    if value.is_none() && kind != Kind::Remove {
        let why = "there is no value";
        return Err(PatchFault::Path { op, path, why });
    }
    Ok(Operation {
        kind,
        path,
        value: value.unwrap_or_default(),
    })
}

fn apply(operation: &Operation, document: &mut Value) -> Result<(), PatchFault> {
    let fault = |why| PatchFault::Path {
        op: operation.kind.name(),
        path: operation.path.clone(),
        why,
    };
    let mut tokens: Vec<String> = operation.path.split('/').skip(1).map(unescape).collect();
    let last = tokens.pop().unwrap_or_default();
    let mut parent = document;
    for token in &tokens {
        let child = match parent {
            Value::Object(members) => members.get_mut(token),
            Value::Array(items) => existing(token, items.len()).and_then(|at| items.get_mut(at)),
            _ => None,
        };
        parent = child.ok_or_else(|| fault("a part of the path does not exist"))?;
    }
    match parent {
        Value::Object(members) => match operation.kind {
            Kind::Add | Kind::Replace => {
                members.insert(last, operation.value.clone());
            }
            Kind::Remove => {
                members
                    .remove(&last)
                    .ok_or_else(|| fault("there is no such member"))?;
            }
        },
        Value::Array(items) => {
            let place = existing(&last, items.len());
            match operation.kind {
                Kind::Add => {
                    let at = new_place(&last, items.len());
                    let at = at.ok_or_else(|| fault("there is no such index"))?;
                    items.insert(at, operation.value.clone());
                }
                Kind::Replace => {
                    let at = place.ok_or_else(|| fault("there is no such index"))?;
                    items[at] = operation.value.clone();
                }
                Kind::Remove => {
                    items.remove(place.ok_or_else(|| fault("there is no such index"))?);
                }
            }
        }
        _ => return Err(fault("it is neither in an object nor in a list")),
    }
    Ok(())
}

/// The place of an item; negative indices count from the end.
fn existing(token: &str, length: usize) -> Option<usize> {
    let index: i64 = token.parse().ok()?;
    let at = match usize::try_from(index) {
        Ok(at) => at,
        Err(_) => length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?,
    };
    (at < length).then_some(at)
}

/// Where an item goes: before an existing one or, with `-` or the length, behind the last.
fn new_place(token: &str, length: usize) -> Option<usize> {
    if token == "-" {
        return Some(length);
    }
    let index: i64 = token.parse().ok()?;
    let at = match usize::try_from(index) {
        Ok(at) => at,
        // As if the list had its new length already, so that -1 appends.
        Err(_) => (length + 1).checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?,
    };
    (at <= length).then_some(at)
}

/// RFC 6901 §4.
fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests;

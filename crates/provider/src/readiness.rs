//! Whether the server can do its work.

use async_trait::async_trait;

use crate::Provider;

/// What is not ready, and why; the texts are for operators only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotReady {
    /// Name of the check, such as `database` or `migrations`, and what it found.
    pub errors: Vec<(&'static str, String)>,
}

/// Asks the parts that can fail whether they work.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Fine, or what is wrong.
    ///
    /// # Errors
    /// [`NotReady`], with every check that failed.
    async fn check(&self) -> Result<(), NotReady>;
}

/// For back ends that cannot fail, such as memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlwaysReady;

#[async_trait]
impl Readiness for AlwaysReady {
    async fn check(&self) -> Result<(), NotReady> {
        Ok(())
    }
}

impl Provider {
    /// Whether requests can be served.
    ///
    /// # Errors
    /// What is not ready.
    pub async fn ready(&self) -> Result<(), NotReady> {
        self.readiness.check().await
    }
}

use std::sync::{Mutex, PoisonError};

use oauth_types::Entropy;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Randomness that is the same in every run.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<StdRng>);

impl SeededEntropy {
    /// Everything follows from the seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, into: &mut [u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(into);
    }
}

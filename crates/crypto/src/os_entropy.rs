use oauth_types::Entropy;
use rand::TryRng;
use rand::rngs::SysRng;

/// Random bytes of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(
        clippy::expect_used,
        reason = "a server without randomness must not go on; the trait demands it"
    )]
    fn fill(&self, into: &mut [u8]) {
        SysRng
            .try_fill_bytes(into)
            .expect("the operating system gives random bytes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_buffers_are_filled_and_differ() {
        let (mut one, mut two) = ([0; 64], [0; 64]);
        OsEntropy.fill(&mut one);
        OsEntropy.fill(&mut two);
        assert_ne!(one, two);
        assert_ne!(one[48..], [0; 16]);
    }
}

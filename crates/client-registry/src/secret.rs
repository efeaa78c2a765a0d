use oauth_types::{Entropy, EntropyExt, Secret};

const LENGTH: usize = 26;
const ALPHABET: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.~";

/// A new client secret: 26 characters that need no escape in a URL, 157 bits.
#[must_use]
pub fn generate_secret(entropy: &dyn Entropy) -> Secret {
    Secret::new(entropy.text(LENGTH, ALPHABET))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, into: &mut [u8]) {
            for byte in into {
                *byte = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn secrets_have_26_characters_of_the_alphabet_and_differ() {
        let entropy = Counting(0.into());
        let secrets: Vec<Secret> = (0..4).map(|_| generate_secret(&entropy)).collect();
        for secret in &secrets {
            assert_eq!(secret.expose().len(), 26);
            assert!(secret.expose().bytes().all(|b| ALPHABET.contains(&b)));
        }
        assert_eq!(secrets[0].expose(), "abcdefghijklmnopqrstuvwxyz");
        assert_ne!(secrets[0].expose(), secrets[1].expose());
    }
}

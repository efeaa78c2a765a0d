/// Gives random bytes fit for keys and tokens.
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer. A source that cannot must not return: it may only panic, since no
    /// caller could go on safely.
    fn fill(&self, into: &mut [u8]);
}

/// What the domain makes from random bytes.
pub trait EntropyExt: Entropy {
    /// A random (version 4) UUID in lower case with dashes (RFC 9562 §5.4), 36 characters.
    fn uuid(&self) -> String {
        let hex = self.uuid_hex();
        format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
    }

    /// The same without dashes, 32 characters: the form of challenges and verifiers.
    fn uuid_hex(&self) -> String {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// `length` characters drawn evenly from `alphabet` (at most 256 ASCII characters).
    fn text(&self, length: usize, alphabet: &[u8]) -> String {
        let fair = 256 - 256 % alphabet.len();
        let mut out = String::with_capacity(length);
        let mut bytes = [0; 64];
        while out.len() < length {
            self.fill(&mut bytes);
            let drawn = bytes.iter().map(|b| usize::from(*b)).filter(|b| *b < fair);
            out.extend(
                drawn
                    .map(|b| char::from(alphabet[b % alphabet.len()]))
                    .take(length - out.len()),
            );
        }
        out
    }
}

impl<E: Entropy + ?Sized> EntropyExt for E {}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, into: &mut [u8]) {
            for b in into {
                *b = self.0.fetch_add(37, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn uuids_are_of_version_four() {
        let uuid = Counting(7.into()).uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!("89ab".contains(&uuid[19..20]), "{uuid}");
    }

    #[test]
    fn texts_have_the_length_asked_for_and_no_foreign_letters() {
        let text = Counting(0.into()).text(100, b"abc");
        assert_eq!(text.len(), 100);
        assert!(text.bytes().all(|b| b"abc".contains(&b)));
    }
}

//! The one shape of Go's gob encoding that stands in Hydra's cookies: a map from interface to
//! interface, whose keys and values are strings.
//!
//! A gob is a row of messages, each behind its length. A message begins with a type id: a negative
//! one defines a type, a positive one is followed by a value of it. Unsigned numbers under 128 are
//! one byte; longer ones are big-endian behind the negated count of their bytes.

/// The type of the map, as the first type that a process defines: id 65.
const TYPE: &[u8] = &[
    0x0e, 0xff, 0x81, 0x04, 0x01, 0x02, 0xff, 0x82, 0x00, 0x01, 0x10, 0x01, 0x10, 0x00, 0x00,
];
/// A value of type 65 that is no struct: a map with one pair.
const ONE_PAIR: &[u8] = &[0xff, 0x82, 0x00, 0x01];
/// Type id 6 as a signed number.
const STRING: u64 = 6 << 1;
const STRING_NAME: &[u8] = b"string";
/// More pairs are no session of ours.
const MAX_PAIRS: u64 = 16;

/// Writes a map with one pair.
pub(crate) fn write_pair(key: &str, value: &str) -> Vec<u8> {
    let mut message = ONE_PAIR.to_vec();
    for text in [key, value] {
        write_bytes(&mut message, STRING_NAME);
        write_number(&mut message, STRING);
        // The value behind an interface's type: its length, then as it stands in a message.
        let mut inner = vec![0];
        write_bytes(&mut inner, text.as_bytes());
        write_bytes(&mut message, &inner);
    }
    let mut gob = TYPE.to_vec();
    write_bytes(&mut gob, &message);
    gob
}

/// The string behind a key: `None` if the bytes are no such map, `Some(None)` if the map has no
/// string under that key.
pub(crate) fn read_string(gob: &[u8], key: &str) -> Option<Option<String>> {
    let mut messages = Reader(gob);
    loop {
        let mut message = Reader(messages.bytes()?);
        // Odd means negative.
        if message.number()? % 2 == 1 {
            continue;
        }
        return read_map(&mut message, key);
    }
}

fn read_map(message: &mut Reader, key: &str) -> Option<Option<String>> {
    message.zero()?;
    let pairs = message.number().filter(|pairs| *pairs <= MAX_PAIRS)?;
    let mut found = None;
    for _ in 0..pairs {
        let (name, value) = (message.interface()?, message.interface()?);
        if name == Some(key.as_bytes()) {
            found = value
                .map(|value| String::from_utf8(value.to_vec()))
                .transpose()
                .ok()?;
        }
    }
    Some(found)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        match *self.take(1)?.first()? {
            small @ 0..=127 => Some(u64::from(small)),
            long => {
                let count = usize::from(long.wrapping_neg());
                if count > 8 {
                    return None;
                }
                let bytes = self.take(count)?;
                Some(
                    bytes
                        .iter()
                        .fold(0, |number, byte| number << 8 | u64::from(*byte)),
                )
            }
        }
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    fn zero(&mut self) -> Option<()> {
        (self.number()? == 0).then_some(())
    }

    /// An interface value; the inner `None` stands for a type other than string.
    fn interface(&mut self) -> Option<Option<&'a [u8]>> {
        let name = self.bytes()?;
        if name.is_empty() {
            // The nil interface has a name only.
            return Some(None);
        }
        let id = self.number()?;
        let mut inner = Reader(self.bytes()?);
        if name != STRING_NAME || id != STRING {
            return Some(None);
        }
        inner.zero()?;
        inner.bytes().map(Some)
    }
}

fn write_number(into: &mut Vec<u8>, number: u64) {
    match u8::try_from(number) {
        Ok(small @ 0..=127) => into.push(small),
        _ => {
            let bytes = number.to_be_bytes();
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let count = u8::try_from(8 - zeros).unwrap_or_default();
            into.push(count.wrapping_neg());
            into.extend_from_slice(&bytes[zeros..]);
        }
    }
}

fn write_bytes(into: &mut Vec<u8>, bytes: &[u8]) {
    write_number(into, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    into.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::to_hex;

    const SID: &str = "5ca0c0de-0000-4000-8000-000000000001";

    fn from_hex(text: &str) -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        digits
            .map(|d| u8::from_str_radix(str::from_utf8(d).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn a_pair_is_written_as_go_does() {
        let expected = [
            "0eff81040102ff820001100110000041ff82000106737472696e670c05000373696406",
            "737472696e670c260024",
        ]
        .concat();
        assert_eq!(
            to_hex(&write_pair("sid", SID)),
            expected + &to_hex(SID.as_bytes())
        );
    }

    #[test]
    fn pairs_of_every_length_are_read_back() {
        for length in [0, 1, 32, 100, 127, 128, 300, 70_000] {
            let value = "v".repeat(length);
            let gob = write_pair("csrf", &value);
            assert_eq!(read_string(&gob, "csrf"), Some(Some(value)), "{length}");
            assert_eq!(read_string(&gob, "sid"), Some(None));
        }
    }

    #[test]
    fn type_ids_of_other_processes_are_read() {
        let gob = write_pair("sid", SID);
        let mut other = from_hex("0d7f040102ff8000011001100000");
        other.extend([0x41, 0xff, 0x80]);
        other.extend(&gob[18..]);
        assert_eq!(read_string(&other, "sid"), Some(Some(SID.to_owned())));
    }

    #[test]
    fn values_of_other_types_are_no_strings() {
        // The integer 7 under "sid".
        let gob = from_hex(
            "0eff81040102ff82000110011000001aff82000106737472696e670c05000373696403696e740402000e",
        );
        assert_eq!(read_string(&gob, "sid"), Some(None));
    }

    #[test]
    fn whatever_is_cut_off_is_refused() {
        let gob = write_pair("sid", SID);
        for length in 0..gob.len() {
            assert_eq!(read_string(&gob[..length], "sid"), None, "{length}");
        }
    }
}

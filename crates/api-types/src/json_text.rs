//! Making a body fit for a strict JSON parser without changing what Go's would read.

use crate::DecodeError;

/// How deeply values may be nested. Hydra: 10,000; less keeps every later reader within its stack.
pub(crate) const MAX_DEPTH: usize = 120;

/// The body as text: each byte that is not UTF-8 and each escape of half a surrogate pair becomes
/// U+FFFD.
pub(crate) fn repair(body: &[u8]) -> Result<String, DecodeError> {
    let text = from_utf8(body);
    let bytes = text.as_bytes();
    let (mut depth, mut in_text, mut at, mut kept) = (0_usize, false, 0, 0);
    let mut out = String::new();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => in_text = !in_text,
            b'\\' if in_text => {
                let pair = surrogate(bytes, at).map(|half| (half, surrogate(bytes, at + 6)));
                match pair {
                    Some((Half::High, Some(Half::Low))) => at += 11,
                    Some(_) => {
                        out.push_str(&text[kept..at]);
                        out.push_str("\\ufffd");
                        at += 5;
                        kept = at + 1;
                    }
                    None => at += 1,
                }
            }
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(DecodeError::TooDeep);
                }
            }
            b']' | b'}' if !in_text => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    // The first value ends here; what follows is nobody's business.
                    break;
                }
            }
            _ => {}
        }
        at += 1;
    }
    out.push_str(&text[kept..]);
    Ok(out)
}

fn from_utf8(body: &[u8]) -> String {
    let mut text = String::with_capacity(body.len());
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    text
}

enum Half {
    High,
    Low,
}

/// The half of a surrogate pair that is escaped at this place.
fn surrogate(bytes: &[u8], at: usize) -> Option<Half> {
    let escape = bytes.get(at..at + 6)?;
    let hex = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
    match u16::from_str_radix(hex, 16).ok()? {
        0xd800..0xdc00 => Some(Half::High),
        0xdc00..0xe000 => Some(Half::Low),
        _ => None,
    }
}

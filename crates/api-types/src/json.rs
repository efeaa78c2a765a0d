use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter};

/// Writes JSON as Go's encoder does, byte for byte: compact, `<`, `>`, `&`, U+2028 and U+2029
/// escaped, whole floating-point numbers without `.0`. No newline at the end.
///
/// The types of this crate can always be written; a foreign type whose `Serialize` fails yields an
/// empty text.
#[must_use]
pub fn to_go_json<T: Serialize + ?Sized>(value: &T) -> String {
    let mut out = Vec::with_capacity(512);
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, GoFormatter);
    if value.serialize(&mut serializer).is_err() {
        return String::new();
    }
    String::from_utf8(out).unwrap_or_default()
}

struct GoFormatter;

impl Formatter for GoFormatter {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        write_escaped(writer, fragment)
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        let text: &[u8] = match escape {
            CharEscape::Quote => b"\\\"",
            CharEscape::ReverseSolidus => b"\\\\",
            CharEscape::Solidus => b"/",
            CharEscape::LineFeed => b"\\n",
            CharEscape::CarriageReturn => b"\\r",
            CharEscape::Tab => b"\\t",
            CharEscape::Backspace => b"\\u0008",
            CharEscape::FormFeed => b"\\u000c",
            CharEscape::AsciiControl(byte) => return write!(writer, "\\u{byte:04x}"),
        };
        writer.write_all(text)
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let size = value.abs();
        if value != 0.0 && !(1e-6..1e21).contains(&size) {
            let text = format!("{value:e}");
            return match text.split_once('e') {
                Some((digits, exponent)) if !exponent.starts_with('-') => {
                    write!(writer, "{digits}e+{exponent}")
                }
                _ => writer.write_all(text.as_bytes()),
            };
        }
        write!(writer, "{value}")
    }

    /// Raw JSON is compacted; what has to be escaped can only stand in its texts.
    fn write_raw_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let bytes = fragment.as_bytes();
        let (mut in_text, mut escaped, mut start) = (false, false, 0);
        for (at, byte) in bytes.iter().enumerate() {
            if in_text {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => in_text = false,
                    _ => {}
                }
            } else if *byte == b'"' {
                in_text = true;
            } else if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                write_escaped(writer, &fragment[start..at])?;
                start = at + 1;
            }
        }
        write_escaped(writer, &fragment[start..])
    }
}

fn write_escaped<W: ?Sized + io::Write>(writer: &mut W, text: &str) -> io::Result<()> {
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        writer.write_all(&rest.as_bytes()[..at])?;
        let found = rest[at..].chars().next().unwrap_or_default();
        write!(writer, "\\u{:04x}", u32::from(found))?;
        rest = &rest[at + found.len_utf8()..];
    }
    writer.write_all(rest.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::to_go_json;
    use serde_json::json;
    use serde_json::value::RawValue;

    #[test]
    fn json_is_written_as_go_writes_it() {
        for (value, text) in [
            (
                json!("<b>&amp;</b>"),
                r#""\u003cb\u003e\u0026amp;\u003c/b\u003e""#,
            ),
            (json!("a\u{2028}b\u{2029}ä😀"), "\"a\\u2028b\\u2029ä😀\""),
            (
                json!("\u{8}\u{c}\n\r\t\u{1f}\u{7f}\"\\/"),
                "\"\\u0008\\u000c\\n\\r\\t\\u001f\u{7f}\\\"\\\\/\"",
            ),
            (
                json!({"<": [1, -2, null, true]}),
                r#"{"\u003c":[1,-2,null,true]}"#,
            ),
            (
                json!([1.0, 2.5, -0.25, 0.0, 1e20]),
                "[1,2.5,-0.25,0,100000000000000000000]",
            ),
            (
                json!([1e21, 1.5e300, 1e-6, 1.25e-7]),
                "[1e+21,1.5e+300,0.000001,1.25e-7]",
            ),
            (
                json!(12_345_678_901_234_567_890_u64),
                "12345678901234567890",
            ),
        ] {
            assert_eq!(to_go_json(&value), text);
        }
    }

    #[test]
    fn raw_json_is_compacted_and_escaped_and_otherwise_kept() {
        for (raw, text) in [
            (
                "{ \"b\" : [ 1.10 ,\n\t2 ] , \"a\":{} }",
                r#"{"b":[1.10,2],"a":{}}"#,
            ),
            (r#""  < \" > ""#, r#""  \u003c \" \u003e ""#),
            (r#""\\" "#, r#""\\""#),
            ("null", "null"),
        ] {
            let raw = RawValue::from_string(raw.to_owned()).unwrap();
            assert_eq!(to_go_json(&raw), text);
        }
    }
}

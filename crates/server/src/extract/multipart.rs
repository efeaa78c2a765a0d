//! Forms of several parts (RFC 7578), read from a body that is whole and bounded already; that is
//! why no streaming parser is used.

use oauth_types::Params;

use super::content_type::unquote;

/// More parts or headers than anybody needs.
const MAX_PARTS: usize = 1_000;
const MAX_HEADERS: usize = 100;

/// Reads the fields of a multipart form; parts that are files are passed over. `None` if the form is
/// broken.
pub(super) fn read(body: &[u8], boundary: &str) -> Option<Params> {
    if boundary.is_empty() || boundary.len() > 70 {
        return None;
    }
    let delimiter = format!("--{boundary}");
    let mut params = Params::default();
    let mut rest = first_delimiter(body, delimiter.as_bytes())?;
    for _ in 0..MAX_PARTS {
        if rest.starts_with(b"--") {
            return Some(params);
        }
        rest = after_line_end(rest)?;
        let (name, is_file, content) = headers(rest)?;
        let (value, behind) = value(content, delimiter.as_bytes())?;
        if let (Some(name), false) = (name, is_file) {
            params.add(name, String::from_utf8_lossy(value));
        }
        rest = behind;
    }
    None
}

/// Passes over the preamble and the first delimiter.
fn first_delimiter<'a>(body: &'a [u8], delimiter: &[u8]) -> Option<&'a [u8]> {
    if let Some(rest) = body.strip_prefix(delimiter) {
        return Some(rest);
    }
    let (_, rest) = value(body, delimiter)?;
    Some(rest)
}

/// Passes over the blanks and the line break behind a delimiter.
fn after_line_end(text: &[u8]) -> Option<&[u8]> {
    let blanks = text
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    let text = text.get(blanks..)?;
    text.strip_prefix(b"\r\n")
        .or_else(|| text.strip_prefix(b"\n"))
}

/// Reads the headers of a part: its name, whether it is a file, and what stands behind them.
fn headers(mut rest: &[u8]) -> Option<(Option<String>, bool, &[u8])> {
    let mut name = None;
    let mut is_file = false;
    for _ in 0..MAX_HEADERS {
        let end = rest.iter().position(|b| *b == b'\n')?;
        let (line, behind) = rest.split_at(end);
        rest = behind.get(1..)?;
        let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned();
        if line.is_empty() {
            return Some((name, is_file, rest));
        }
        let (header, value) = line.split_once(':')?;
        if header.trim().eq_ignore_ascii_case("content-disposition") {
            (name, is_file) = disposition(value);
        }
    }
    None
}

/// The name of a field, and whether it has a file name (RFC 7578 §4.2).
fn disposition(value: &str) -> (Option<String>, bool) {
    let Some((kind, mut rest)) = value.split_once(';') else {
        return (None, false);
    };
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return (None, false);
    }
    let (mut name, mut is_file) = (None, false);
    while let Some((key, value)) = rest.split_once('=') {
        let (value, behind) = match value.trim_start().strip_prefix('"') {
            Some(quoted) => match unquote(quoted) {
                Some(found) => found,
                None => break,
            },
            None => {
                let end = value.find(';').unwrap_or(value.len());
                let (value, behind) = value.split_at(end);
                (value.trim().to_owned(), behind)
            }
        };
        match key
            .trim_matches([' ', '\t', ';'])
            .to_ascii_lowercase()
            .as_str()
        {
            "name" => name = Some(value),
            "filename" => is_file = !value.is_empty(),
            _ => {}
        }
        rest = behind;
    }
    (name.filter(|name| !name.is_empty()), is_file)
}

/// Splits at the next delimiter that begins a line; the line break before it belongs to it.
fn value<'a>(content: &'a [u8], delimiter: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    // A part without content: the delimiter follows the blank line.
    if let Some(rest) = content.strip_prefix(delimiter)
        && ends_delimiter(rest)
    {
        return Some((&[], rest));
    }
    let mut from = 0;
    loop {
        let line_end = content.get(from..)?.iter().position(|b| *b == b'\n')? + from;
        let behind = content.get(line_end + 1..)?;
        if let Some(rest) = behind.strip_prefix(delimiter)
            && ends_delimiter(rest)
        {
            let value = content.get(..line_end)?;
            return Some((value.strip_suffix(b"\r").unwrap_or(value), rest));
        }
        from = line_end + 1;
    }
}

/// Whether what follows shows that a delimiter is whole and not the beginning of a longer line.
fn ends_delimiter(rest: &[u8]) -> bool {
    rest.starts_with(b"--") || after_line_end(rest).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: Option<&[(&str, &str)]>) {
        let params = read(body.as_bytes(), "b");
        let found = params
            .as_ref()
            .map(|params| params.iter().collect::<Vec<_>>());
        assert_eq!(found.as_deref(), expected, "{body}");
    }

    fn part(disposition: &str, value: &str) -> String {
        format!("--b\r\nContent-Disposition: form-data{disposition}\r\n\r\n{value}\r\n")
    }

    #[test]
    fn fields_are_read_in_order() {
        let two = part("; name=\"a\"", "1") + &part("; name=a", "x\r\ny") + "--b--\r\n";
        check(&two, Some(&[("a", "1"), ("a", "x\r\ny")]));
        check(
            &format!("preamble\r\n{two}"),
            Some(&[("a", "1"), ("a", "x\r\ny")]),
        );
        check(
            &two.replace("\r\n", "\n"),
            Some(&[("a", "1"), ("a", "x\ny")]),
        );
        check(&(part("; name=\"a\"", "") + "--b--"), Some(&[("a", "")]));
        check(
            &(part("; name=\"a\"", "--bc\r\n--b x") + "--b--"),
            Some(&[("a", "--bc\r\n--b x")]),
        );
    }

    #[test]
    fn files_and_parts_without_name_are_passed_over() {
        check(
            &(part("; name=\"a\"; filename=\"f\"", "1") + "--b--"),
            Some(&[]),
        );
        check(
            &(part("", "1") + &part("; name=\"c\"", "2") + "--b--"),
            Some(&[("c", "2")]),
        );
        check("--b--\r\n", Some(&[]));
    }

    #[test]
    fn what_does_not_end_is_broken() {
        check("", None);
        check("--a\r\n\r\n--a--", None);
        check("--b\r\n", None);
        check(&part("; name=\"a\"", "1"), None);
        check("--b\r\nno header\r\n\r\n1\r\n--b--", None);
        check("--b", None);
    }

    #[test]
    fn a_form_has_a_bounded_number_of_parts() {
        check(
            &(part("; name=\"a\"", "1").repeat(MAX_PARTS + 1) + "--b--"),
            None,
        );
    }
}

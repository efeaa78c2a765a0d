//! Makes request targets fit for hyper, which refuses some characters that belong escaped but that
//! Go's server, and so every client of Hydra, may send as they are.

use tokio::io::ReadBuf;

/// Watches the bytes of a connection for request lines (RFC 9112 §3).
///
/// Requests that arrive together with the one before them are not looked at: clients that send
/// several at once know how to escape.
#[derive(Debug, Default)]
pub(crate) struct RequestLine {
    part: Part,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    /// Before the target: empty lines and the method.
    #[default]
    Method,
    /// In the target or the version behind it.
    Target,
    /// Behind the line.
    Done,
}

impl RequestLine {
    /// A new request begins with the next byte.
    pub(crate) fn begin(&mut self) {
        self.part = Part::Method;
    }

    /// Escapes what was read behind the first `before` bytes. What does not fit stays as it is, and
    /// hyper refuses it.
    pub(crate) fn escape(&mut self, buf: &mut ReadBuf<'_>, before: usize) {
        if self.part == Part::Done {
            return;
        }
        let Some(read) = buf.filled().get(before..) else {
            return;
        };
        let Some(escaped) = self.escaped(read) else {
            return;
        };
        if escaped.len() - read.len() <= buf.remaining() {
            buf.set_filled(before);
            buf.put_slice(&escaped);
        }
    }

    /// The bytes with escapes, if any are needed.
    fn escaped(&mut self, read: &[u8]) -> Option<Vec<u8>> {
        let mut out: Option<Vec<u8>> = None;
        for (at, byte) in read.iter().copied().enumerate() {
            let bad = self.part == Part::Target && is_refused(byte);
            match (self.part, byte) {
                (Part::Method, b' ') => self.part = Part::Target,
                (Part::Target, b'\n') => self.part = Part::Done,
                _ => {}
            }
            if bad {
                let out = out.get_or_insert_with(|| read.get(..at).unwrap_or_default().to_vec());
                out.extend(format!("%{byte:02X}").into_bytes());
            } else if let Some(out) = &mut out {
                out.push(byte);
            }
        }
        out
    }
}

/// What hyper refuses in a target, takes for a fragment, or what is no ASCII.
fn is_refused(byte: u8) -> bool {
    matches!(
        byte,
        b'"' | b'#' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
    ) || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reads: &[&str], room: usize, expected: &str) {
        let mut line = RequestLine::default();
        let mut found = String::new();
        for read in reads {
            let mut space = vec![0; read.len() + room];
            let mut buf = ReadBuf::new(&mut space);
            buf.put_slice(read.as_bytes());
            line.escape(&mut buf, 0);
            found.push_str(std::str::from_utf8(buf.filled()).unwrap());
        }
        assert_eq!(found, expected, "{reads:?}");
    }

    #[test]
    fn only_targets_are_escaped() {
        check(
            &["GET /a HTTP/1.1\r\nx: <>\r\n\r\n"],
            99,
            "GET /a HTTP/1.1\r\nx: <>\r\n\r\n",
        );
        check(
            &["\r\nG`T /<b>?x=\"{é#} HTTP/1.1\r\n<"],
            99,
            "\r\nG`T /%3Cb%3E?x=%22%7B%C3%A9%23%7D HTTP/1.1\r\n<",
        );
        check(
            &["GE", "T /<", ">/ HTTP/1.1\r", "\n<"],
            99,
            "GET /%3C%3E/ HTTP/1.1\r\n<",
        );
    }

    #[test]
    fn what_does_not_fit_stays() {
        check(&["GET /<b> HTTP/1.1\r\n"], 3, "GET /<b> HTTP/1.1\r\n");
        check(&["GET /<b> HTTP/1.1\r\n"], 4, "GET /%3Cb%3E HTTP/1.1\r\n");
    }

    #[test]
    fn the_bytes_before_stay_alone() {
        let mut space = [0; 64];
        let mut buf = ReadBuf::new(&mut space);
        buf.put_slice(b"<GET /<");
        let mut line = RequestLine::default();
        line.escape(&mut buf, 1);
        assert_eq!(buf.filled(), b"<GET /%3C");
        line.begin();
        assert_eq!(line.part, Part::Method);
    }
}

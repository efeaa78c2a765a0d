//! As much of an HTML parser as it takes to find a form by its id, with its fields, and to read
//! the text of an element. Made for well-formed pages such as ours; foreign ones at worst have
//! no such form.

/// A form and what it would send.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) action: String,
    /// In lower case.
    pub(crate) method: String,
    /// Names and values in the order of the page; ticked boxes only, no buttons.
    pub(crate) fields: Vec<(String, String)>,
}

impl Form {
    /// The value of a field.
    #[cfg(test)]
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Fills a field: replaces its value, or adds it (a box gets ticked, a button pressed).
    pub(crate) fn fill(&mut self, name: &str, value: &str) {
        match self.fields.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
    }
}

/// Finds the form with this id.
pub(crate) fn form(html: &str, id: &str) -> Option<Form> {
    let mut tags = Tags { rest: html };
    let start = tags.find(|t| t.name == "form" && t.get("id") == Some(id))?;
    let mut form = Form {
        action: start.get("action").unwrap_or_default().to_owned(),
        method: start.get("method").unwrap_or("get").to_ascii_lowercase(),
        fields: Vec::new(),
    };
    let mut select = None;
    for tag in tags {
        match (tag.name.as_str(), tag.closing) {
            ("form", true) => return Some(form),
            ("input", _) => {
                let kind = tag.get("type").unwrap_or("text");
                let sent = match kind {
                    "submit" | "button" | "reset" | "image" | "file" => false,
                    "checkbox" | "radio" => tag.get("checked").is_some(),
                    _ => true,
                };
                if let (true, Some(name)) = (sent, tag.get("name")) {
                    let value = tag.get("value").unwrap_or_default();
                    form.fields.push((name.to_owned(), value.to_owned()));
                }
            }
            ("select", false) => select = tag.get("name").map(str::to_owned),
            ("select", true) => select = None,
            ("option", false) => {
                let Some(name) = &select else { continue };
                let value = tag.get("value").unwrap_or_default();
                match form.fields.iter_mut().find(|(n, _)| n == name) {
                    Some((_, old)) if tag.get("selected").is_some() => value.clone_into(old),
                    Some(_) => {}
                    None => form.fields.push((name.clone(), value.to_owned())),
                }
            }
            _ => {}
        }
    }
    None
}

/// The text inside the element with this id, tags left out.
pub(crate) fn text_of(html: &str, id: &str) -> Option<String> {
    let mut tags = Tags { rest: html };
    let name = tags.find(|t| t.get("id") == Some(id))?.name;
    text_until_end(tags, &name)
}

/// The text of the first main heading, or else of the title.
pub(crate) fn heading(html: &str) -> Option<String> {
    let of_first = |name: &str| {
        let mut tags = Tags { rest: html };
        tags.find(|t| t.name == name && !t.closing)?;
        text_until_end(tags, name)
    };
    of_first("h1").or_else(|| of_first("title"))
}

/// The text up to the end tag of an element whose start tag was just read.
fn text_until_end(mut tags: Tags<'_>, name: &str) -> Option<String> {
    let mut text = String::new();
    let mut depth = 1;
    loop {
        let before = tags.rest;
        let tag = tags.next()?;
        let end = before.find('<')?;
        text.push_str(&unescape(&before[..end]));
        if tag.name == name {
            depth = if tag.closing { depth - 1 } else { depth + 1 };
        }
        if depth == 0 {
            return Some(text);
        }
    }
}

struct Tag {
    /// In lower case.
    name: String,
    closing: bool,
    /// Names in lower case.
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// The tags of a page in order; comments and the document type are passed over.
struct Tags<'a> {
    rest: &'a str,
}

impl Iterator for Tags<'_> {
    type Item = Tag;

    fn next(&mut self) -> Option<Tag> {
        loop {
            let inside = &self.rest[self.rest.find('<')? + 1..];
            if let Some(comment) = inside.strip_prefix("!--") {
                self.rest = &comment[comment.find("-->")? + 3..];
                continue;
            }
            let (closing, inside) = match inside.strip_prefix('/') {
                Some(name) => (true, name),
                None => (false, inside),
            };
            let length = inside
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(inside.len());
            if length == 0 {
                // A lone `<`, or `<!doctype`.
                self.rest = inside;
                continue;
            }
            let name = inside[..length].to_ascii_lowercase();
            let (attributes, rest) = attributes(&inside[length..])?;
            self.rest = rest;
            return Some(Tag {
                name,
                closing,
                attributes,
            });
        }
    }
}

/// Reads attributes up to the `>`; `None` if it does not come.
fn attributes(text: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(behind) = rest.strip_prefix('>') {
            return Some((found, behind));
        }
        let stop = |c: char| c.is_ascii_whitespace() || c == '=' || c == '>' || c == '/';
        // At least one character, so that a stray `=` does not stop us for ever.
        let length = rest.char_indices().skip(1).find(|(_, c)| stop(*c))?.0;
        let name = rest[..length].to_ascii_lowercase();
        rest = rest[length..].trim_start();
        let value = match rest.strip_prefix('=').map(str::trim_start) {
            None => String::new(),
            Some(behind) => {
                let quote = behind.chars().next().filter(|c| *c == '"' || *c == '\'');
                let (value, behind) = match quote {
                    Some(quote) => behind[1..].split_once(quote)?,
                    None => {
                        let end = behind.find(|c: char| c.is_ascii_whitespace() || c == '>')?;
                        behind.split_at(end)
                    }
                };
                rest = behind;
                unescape(value)
            }
        };
        found.push((name, value));
    }
}

/// Resolves character references: numeric ones and the five that templates write.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest[1..].split_once(';').and_then(|(name, behind)| {
            let c = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                _ => {
                    let number = name.strip_prefix('#')?;
                    let code = match number.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                        None => number.parse().ok()?,
                    };
                    char::from_u32(code)?
                }
            };
            Some((c, behind))
        });
        match reference {
            Some((c, behind)) => {
                out.push(c);
                rest = behind;
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields_html: &str, fields: &[(&str, &str)]) {
        let page = format!(
            "<!doctype html><p>1 < 2</p><form id=other></form><!-- <form id=f> -->\
             <FORM METHOD=POST id='f' action=\"/go?a=1&amp;b=2\">{fields_html}</form><input name=z>"
        );
        let form = form(&page, "f").unwrap();
        let found: Vec<_> = form.fields.iter().map(|(n, v)| (&**n, &**v)).collect();
        assert_eq!(found, fields, "{fields_html}");
        assert_eq!((&*form.action, &*form.method), ("/go?a=1&b=2", "post"));
    }

    #[test]
    fn forms_send_what_a_browser_would_send() {
        check("", &[]);
        check("<input type=hidden name=a value='1'>", &[("a", "1")]);
        check(
            "<input name=\"a\" value=\"&#60;&quot;&#x27;&amp;amp;\">",
            &[("a", "<\"'&amp;")],
        );
        check(
            "<input name=a value=\"x>y\"/><input\nname = b>",
            &[("a", "x>y"), ("b", "")],
        );
        check(
            "<input type=checkbox name=a value=1><input type=checkbox name=b value=2 checked>",
            &[("b", "2")],
        );
        check(
            "<input value=unnamed><button name=go value=1>Go</button>",
            &[],
        );
        check(
            "<select name=s><option value=1>One<option value=2 selected>Two</select>",
            &[("s", "2")],
        );
        check(
            "<select name=s><option value=1>One<option value=2>Two</select>",
            &[("s", "1")],
        );
    }

    #[test]
    fn broken_pages_have_no_form_and_do_not_stop_us() {
        for page in [
            "",
            "<",
            "<form",
            "<form id=f",
            "<form id=f>",
            "<form id='f>",
            "<!--",
            "<form id=f><input",
            "<form id=f><input =",
            "<a =>",
            "<form id=f><input name='",
            "</",
            "<form id=\u{e9}",
        ] {
            assert_eq!(form(page, "f"), None, "{page}");
            assert_eq!(text_of(page, "f"), None, "{page}");
        }
    }

    #[test]
    fn texts_are_read_without_tags_and_references() {
        let page = "<h1>A <b>b</b></h1><div id=x>a<div>b</div>&lt;c&gt; &nope; &#9999999;</div>d";
        assert_eq!(
            text_of(page, "x").as_deref(),
            Some("ab<c> &nope; &#9999999;")
        );
        assert_eq!(heading(page).as_deref(), Some("A b"));
        assert_eq!(heading("<title>t</title>").as_deref(), Some("t"));
    }

    #[test]
    fn filling_a_field_replaces_or_adds() {
        let mut form = form("<form id=f><input name=a value=1></form>", "f").unwrap();
        form.fill("a", "2");
        form.fill("b", "3");
        assert_eq!((form.value("a"), form.value("b")), (Some("2"), Some("3")));
    }
}

//! The few pages that the server shows itself. Everything on them is escaped, and a content security
//! policy admits nothing but what this crate wrote; it stands in the page, since headers are Hydra's.

use std::borrow::Cow;
use std::fmt::{self, Write};

use askama::Template;

/// The style of all pages.
pub(crate) const STYLE: &str = include_str!("../../templates/style.css");
/// Sends the first form of a page.
pub(crate) const SUBMIT: &str = include_str!("submit.js");
/// Waits for the frames of the logout page and goes on.
pub(crate) const LOGOUT: &str = include_str!("logout.js");

// A test compares these with the texts.
const STYLE_HASH: &str = "zxz1fqkvLryLkXEUqtImx3TTkI4CJI1WU+Em+C9/eIE=";
const SUBMIT_HASH: &str = "76CiSeiWkt9/Gnh7UPvJmp0yd2Yb1x3+RRi6w3rscKo=";
const LOGOUT_HASH: &str = "82bd0MgeU5p37qLhBufU5v7eNn34wjDr3N8Fa8dgq2o=";

/// The content security policy of all pages: our style, our two scripts, any frame (the clients' that
/// are told of a logout).
pub(crate) fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{STYLE_HASH}'; script-src 'sha256-{SUBMIT_HASH}' \
         'sha256-{LOGOUT_HASH}'; frame-src http: https:; base-uri 'none'"
    )
}

/// A page that stands in for one that is not configured.
#[derive(Template)]
#[template(path = "fallback.html")]
pub(crate) struct Fallback<'a> {
    pub(crate) title: &'a str,
    pub(crate) heading: &'a str,
    /// The configuration key that is missing.
    pub(crate) key: &'a str,
    /// Names and values, shown as a list.
    pub(crate) details: Vec<(&'a str, String)>,
}

impl Fallback<'_> {
    pub(crate) fn html(&self) -> String {
        render(self)
    }
}

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPost<'a> {
    action: &'a str,
    fields: &'a [(String, String)],
}

/// Hands parameters to a client by a form that submits itself (OAuth 2.0 Form Post Response Mode
/// §2).
pub(crate) fn form_post(action: &str, fields: &[(String, String)]) -> String {
    render(&FormPost {
        action: safe_link(action),
        fields,
    })
}

#[derive(Template)]
#[template(path = "front_channel_logout.html")]
struct FrontChannelLogout<'a> {
    frames: Vec<&'a str>,
    target: &'a str,
}

/// Loads a frame of each client (OpenID Connect Front-Channel Logout §3), then goes to the target.
pub(crate) fn front_channel_logout(frames: &[String], target: &str) -> String {
    let frames = frames.iter().map(|frame| safe_link(frame)).collect();
    render(&FrontChannelLogout {
        frames,
        target: safe_link(target),
    })
}

#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFound;

/// Says that there is no such route.
pub(crate) fn not_found() -> String {
    render(&NotFound)
}

fn render(template: &impl Template) -> String {
    // Writing to a string does not fail, and no template calls anything that could.
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a page cannot be rendered");
        String::new()
    })
}

/// A link that does not run anything when it is followed.
fn safe_link(url: &str) -> &str {
    let scheme: String = url
        .chars()
        .filter(|c| !c.is_control() && !c.is_whitespace())
        .take_while(|c| *c != ':')
        .take(16)
        .collect();
    let runs = ["javascript", "data", "vbscript", "blob"];
    if runs.iter().any(|bad| scheme.eq_ignore_ascii_case(bad)) {
        "#"
    } else {
        url
    }
}

/// Escapes as Go's `html/template`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Html;

impl askama::filters::Escaper for Html {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        dest.write_str(&escape(text))
    }
}

/// Escapes a text for HTML, in elements and in quoted attributes.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'', '\0']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '\0' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;

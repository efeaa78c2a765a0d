use http::{StatusCode, header};
use url::Url;

use super::{
    cookie_jar::CookieJar,
    html::{self, Form},
    report::Fault,
};
use crate::http_client::{Answer, Call, without_query};

const MOST_REDIRECTS: usize = 12;

/// A browser without a screen: keeps cookies, follows redirects, fills in forms.
#[derive(Default)]
pub(super) struct Browser {
    jar: CookieJar,
}

/// Where the browser arrived.
pub(super) struct Page {
    pub(super) url: Url,
    pub(super) status: StatusCode,
    pub(super) html: String,
}

impl Browser {
    /// Opens an address.
    pub(super) async fn open(&mut self, url: Url) -> Result<Page, Fault> {
        self.follow(Call::get(url.clone()), url).await
    }

    /// Fills in and sends a form of a page. What is filled in includes the button to press.
    pub(super) async fn submit(
        &mut self,
        page: &Page,
        form_id: &str,
        filled: &[(&str, &str)],
    ) -> Result<Page, Fault> {
        let mut form = page.form(form_id)?;
        for (name, value) in filled {
            form.fill(name, value);
        }
        let target = page.url.join(&form.action);
        let target = target.map_err(|e| Fault::Address(format!("{:?}: {e}", form.action)))?;
        if form.method != "post" {
            return Err(Fault::expected(
                &format!("a form {form_id} that posts"),
                page,
            ));
        }
        let call = Call::post_form(target.clone(), &form.fields);
        self.follow(call, target).await
    }

    /// Sends a request, then GETs as long as the answer is a redirect.
    async fn follow(&mut self, first: Call, mut url: Url) -> Result<Page, Fault> {
        let mut call = first;
        let mut via = Vec::new();
        loop {
            if let Some(cookies) = self.jar.header_for(&url) {
                call = call.with_header(header::COOKIE, &cookies);
            }
            let call_with_all = call.with_header(header::ACCEPT, "text/html");
            let answer = call_with_all.send().await?;
            self.jar.take(&url, &answer.headers);
            let Some(next) = next_address(&url, &answer) else {
                return Ok(Page {
                    url,
                    status: answer.status,
                    html: answer.text(),
                });
            };
            via.push(url);
            url = next;
            if via.len() > MOST_REDIRECTS {
                let seen: Vec<String> = via.iter().map(without_query).collect();
                return Err(Fault::Loop(seen.join(" → ")));
            }
            call = Call::get(url.clone());
        }
    }
}

impl Page {
    /// The form with this id.
    pub(super) fn form(&self, id: &str) -> Result<Form, Fault> {
        let form = html::form(&self.html, id);
        form.ok_or_else(|| Fault::expected(&format!("a page with the form {id}"), self))
    }

    /// The text of the element with this id.
    pub(super) fn text(&self, id: &str) -> Result<String, Fault> {
        let text = html::text_of(&self.html, id);
        text.ok_or_else(|| Fault::expected(&format!("a page with the element {id}"), self))
    }

    /// What the page is about, for people.
    pub(super) fn summary(&self) -> String {
        let about = [
            "problem-text",
            "problem-detail",
            "error-code",
            "error-description",
            "result-status",
            "result-body",
        ];
        let heading = html::heading(&self.html).unwrap_or_default();
        let mut parts = vec![heading];
        parts.extend(about.iter().filter_map(|id| html::text_of(&self.html, id)));
        parts.retain(|part| !part.trim().is_empty());
        match parts.is_empty() {
            true => self.html.clone(),
            false => parts.join(" | "),
        }
    }
}

/// Where a redirect leads. A 307 or 308 would repeat the form; Hydrus has none in this flow, and
/// if one comes, it counts as a page and the step that meets it fails.
fn next_address(url: &Url, answer: &Answer) -> Option<Url> {
    if !matches!(answer.status.as_u16(), 301..=303) {
        return None;
    }
    let location = answer.headers.get(header::LOCATION)?.to_str().ok()?;
    url.join(location).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    #[test]
    fn redirects_are_told_from_pages() {
        let at: Url = "http://127.0.0.1:1/a/b?c".parse().unwrap();
        for (status, location, next) in [
            (302, Some("/x?y=1"), Some("http://127.0.0.1:1/x?y=1")),
            (
                303,
                Some("http://127.0.0.1:2/"),
                Some("http://127.0.0.1:2/"),
            ),
            (303, None, None),
            (200, Some("/x"), None),
            (307, Some("/x"), None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(location) = location {
                headers.insert(header::LOCATION, location.parse().unwrap());
            }
            let answer = Answer {
                status: StatusCode::from_u16(status).unwrap(),
                headers,
                body: bytes::Bytes::new(),
            };
            let found = next_address(&at, &answer).map(String::from);
            assert_eq!(found.as_deref(), next, "{status} {location:?}");
        }
    }
}

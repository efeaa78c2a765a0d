use http::HeaderValue;
use oauth_types::{FormBody, Params};

use super::{Body, content_type, multipart};

/// Reads the form that a body contains, if its type says that it is one.
pub(super) fn read(content_type: Option<&HeaderValue>, body: &Body) -> FormBody {
    let Some(media) = content_type.and_then(content_type::parse) else {
        return FormBody::None;
    };
    if !media.is_urlencoded() && !media.is_multipart() {
        return FormBody::None;
    }
    let Body::Whole(bytes) = body else {
        return FormBody::Broken;
    };
    if media.is_urlencoded() {
        return FormBody::Urlencoded(Params::parse(&String::from_utf8_lossy(bytes)));
    }
    match media
        .boundary()
        .and_then(|boundary| multipart::read(bytes, boundary))
    {
        Some(params) => FormBody::Multipart(params),
        None => FormBody::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content_type: Option<&'static str>, body: &'static str, expected: &FormBody) {
        let header = content_type.map(HeaderValue::from_static);
        let found = read(header.as_ref(), &Body::Whole(body.into()));
        assert_eq!(found, *expected, "{content_type:?} {body}");
    }

    #[test]
    fn a_body_is_a_form_if_its_type_says_so() {
        let form = FormBody::Urlencoded([("a", "b")].into_iter().collect());
        check(Some("application/x-www-form-urlencoded"), "a=b", &form);
        check(
            Some("application/x-www-form-urlencoded; ="),
            "a=b&c=%zz",
            &form,
        );
        check(
            Some("application/x-www-form-urlencoded"),
            "",
            &FormBody::Urlencoded(Params::default()),
        );
        check(Some("application/json"), "a=b", &FormBody::None);
        check(Some("text/plain"), "a=b", &FormBody::None);
        check(Some(""), "a=b", &FormBody::None);
        check(None, "a=b", &FormBody::None);
    }

    #[test]
    fn a_multipart_form_needs_its_boundary() {
        let part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--b--\r\n";
        let form = FormBody::Multipart([("a", "b")].into_iter().collect());
        check(Some("multipart/form-data; boundary=b"), part, &form);
        check(Some("multipart/form-data"), part, &FormBody::Broken);
        check(
            Some("multipart/form-data; boundary=c"),
            part,
            &FormBody::Broken,
        );
    }

    #[test]
    fn a_form_that_is_too_large_is_broken() {
        let header = HeaderValue::from_static("application/x-www-form-urlencoded");
        assert_eq!(read(Some(&header), &Body::TooLarge), FormBody::Broken);
        assert_eq!(read(None, &Body::TooLarge), FormBody::None);
    }
}

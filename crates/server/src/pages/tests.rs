use super::*;
use base64::Engine;
use sha2::{Digest, Sha256};

const EVIL: &str = "<script>alert(1)</script>\"'&\0";
const TAMED: &str = "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;\u{fffd}";

#[test]
fn everything_is_escaped() {
    let fields = [(EVIL.to_owned(), EVIL.to_owned())];
    let pages = [
        form_post(EVIL, &fields),
        front_channel_logout(&[EVIL.to_owned()], EVIL),
        Fallback {
            title: "t",
            heading: "h",
            key: "k",
            details: vec![("Error", EVIL.into())],
        }
        .html(),
    ];
    for page in pages {
        assert!(!page.contains("<script>alert"), "{page}");
        assert!(page.contains(TAMED), "{page}");
    }
}

#[test]
fn a_form_has_the_inputs_that_clients_expect() {
    let page = form_post("https://app/cb?a=1&b", &[("code".into(), "x".into())]);
    assert!(page.contains("<title>Submit This Form</title>"));
    assert!(page.contains("<form method=\"post\" action=\"https://app/cb?a=1&amp;b\">"));
    assert!(page.contains("<input type=\"hidden\" name=\"code\" value=\"x\"/>"));
}

#[test]
fn the_logout_page_works_without_script() {
    let page = front_channel_logout(
        &["https://a/?sid=1".into(), "https://b/".into()],
        "https://t/",
    );
    assert!(page.contains("<iframe src=\"https://a/?sid=1\""));
    assert!(page.contains("<iframe src=\"https://b/\""));
    assert!(page.contains("<meta http-equiv=\"refresh\" content=\"7; URL=https://t/\">"));
    assert!(page.contains("<noscript><p>"));
    assert!(page.contains("<p id=\"redir\" hidden>"));
}

#[test]
fn no_link_runs_a_script() {
    for bad in [
        "javascript:alert(1)",
        " JavaScript:x",
        "java\nscript:x",
        "DATA:text/html,x",
    ] {
        assert_eq!(safe_link(bad), "#", "{bad:?}");
    }
    for good in [
        "https://a/?x=javascript:1",
        "com.example.app:/cb",
        "http://127.0.0.1:1/",
    ] {
        assert_eq!(safe_link(good), good);
    }
}

#[test]
fn the_policy_admits_what_is_on_the_pages() {
    for (text, hash) in [
        (STYLE, STYLE_HASH),
        (SUBMIT, SUBMIT_HASH),
        (LOGOUT, LOGOUT_HASH),
    ] {
        let found = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
        assert_eq!(found, hash, "write the left one into the constant");
    }
    let page = form_post("https://a/", &[]);
    assert!(page.contains(&format!("<style>{STYLE}</style>")));
    assert!(page.contains(&format!("<script>{SUBMIT}</script>")));
    assert!(
        front_channel_logout(&[], "https://a/").contains(&format!("<script>{LOGOUT}</script>"))
    );
}

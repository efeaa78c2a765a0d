//! Writes `Set-Cookie` headers.

use http::HeaderValue;
use oauth_types::Timestamp;
use provider::{CookieChange, CookieLifetime, CookiePolicy, SameSite};

/// The header of a cookie that changes, its attributes in Hydra's order. `None` if name or value
/// cannot stand in a header; the provider makes none like that.
pub(crate) fn set_cookie(change: &CookieChange, policy: &CookiePolicy) -> Option<HeaderValue> {
    let mut text = format!("{}={}; Path=/", change.name, change.value);
    if !policy.domain.is_empty() {
        text.push_str("; Domain=");
        // A leading dot means nothing any more (RFC 6265 §4.1.2.3) and is not sent.
        text.push_str(policy.domain.trim_start_matches('.'));
    }
    let ends = match change.lifetime {
        CookieLifetime::Browser => None,
        CookieLifetime::Seconds(secs) => Some((change.now.plus_secs(secs), secs)),
        CookieLifetime::Removed => Some((Timestamp::from_secs(1), 0)),
    };
    if let Some((expires, secs)) = ends {
        text.push_str(&format!(
            "; Expires={}; Max-Age={secs}",
            expires.to_http_date()
        ));
    }
    text.push_str("; HttpOnly");
    if policy.secure {
        text.push_str("; Secure");
    }
    text.push_str(match policy.same_site {
        _ if change.legacy => "",
        SameSite::Strict => "; SameSite=Strict",
        SameSite::Lax => "; SameSite=Lax",
        SameSite::None => "; SameSite=None",
        SameSite::Omitted => "",
    });
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lifetime: CookieLifetime, legacy: bool, policy: &CookiePolicy, expected: &str) {
        let change = CookieChange {
            name: "n".into(),
            value: "v==".into(),
            lifetime,
            legacy,
            now: Timestamp::from_secs(1_670_494_272),
        };
        assert_eq!(
            set_cookie(&change, policy).unwrap().to_str().unwrap(),
            expected
        );
    }

    fn policy(domain: &str, secure: bool, same_site: SameSite) -> CookiePolicy {
        CookiePolicy {
            session: String::new(),
            login_csrf: String::new(),
            consent_csrf: String::new(),
            domain: domain.into(),
            secure,
            same_site,
            legacy_twins: true,
        }
    }

    #[test]
    fn attributes_stand_in_their_order() {
        check(
            CookieLifetime::Seconds(1800),
            false,
            &policy("example.com", true, SameSite::None),
            "n=v==; Path=/; Domain=example.com; Expires=Thu, 08 Dec 2022 10:41:12 GMT; \
             Max-Age=1800; HttpOnly; Secure; SameSite=None",
        );
        check(
            CookieLifetime::Browser,
            false,
            &policy("", false, SameSite::Lax),
            "n=v==; Path=/; HttpOnly; SameSite=Lax",
        );
        check(
            CookieLifetime::Removed,
            false,
            &policy("", true, SameSite::Strict),
            "n=v==; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; Secure; \
             SameSite=Strict",
        );
    }

    #[test]
    fn the_twin_for_old_browsers_has_no_same_site() {
        check(
            CookieLifetime::Browser,
            true,
            &policy("", true, SameSite::None),
            "n=v==; Path=/; HttpOnly; Secure",
        );
        check(
            CookieLifetime::Browser,
            false,
            &policy("", true, SameSite::Omitted),
            "n=v==; Path=/; HttpOnly; Secure",
        );
    }
}

use url::Url;

const MOST_TARGETS: usize = 16;

/// The `Content-Security-Policy` of a page whose forms may lead to these places.
///
/// Browsers hold `form-action` against every redirect that follows a form as well: from the login
/// form to Hydrus' public port, and from there to the redirect URI of the client. So a page lists
/// all of them: its own origin, that of Hydrus, and those of the client's registered URIs.
pub(crate) fn policy<'a>(public: &Url, client_uris: impl IntoIterator<Item = &'a str>) -> String {
    let mut targets = vec!["'self'".to_owned()];
    let client = client_uris.into_iter().filter_map(|u| Url::parse(u).ok());
    for target in std::iter::once(public.clone())
        .chain(client)
        .filter_map(|url| source_of(&url))
        .take(MOST_TARGETS)
    {
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action {}; \
         frame-ancestors 'none'; base-uri 'none'",
        targets.join(" ")
    )
}

/// The source expression for a URL: its origin, or for the private scheme of a native app
/// (RFC 8252 §7.1) the scheme. `None` for what could break out of the header.
fn source_of(url: &Url) -> Option<String> {
    let source = match url.scheme() {
        "http" | "https" => url.origin().ascii_serialization(),
        "javascript" | "data" | "blob" | "file" => return None,
        scheme => format!("{scheme}:"),
    };
    let harmless = |c: char| c.is_ascii_alphanumeric() || "+-.:/[]".contains(c);
    source.chars().all(harmless).then_some(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(client_uris: &[&str], form_action: &str) {
        let public = "http://127.0.0.1:4444/".parse().unwrap();
        let policy = policy(&public, client_uris.iter().copied());
        let found = policy
            .split("; ")
            .find_map(|directive| directive.strip_prefix("form-action "))
            .unwrap();
        assert_eq!(found, form_action, "{client_uris:?}");
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.split("; ").any(|d| d == part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
    }

    #[test]
    fn forms_may_lead_to_hydrus_and_to_the_client() {
        let own = "'self' http://127.0.0.1:4444";
        check(&[], own);
        check(&["http://127.0.0.1:4444/x", "not a url"], own);
        check(
            &["https://shop.example/cb?x=1", "http://[::1]:99/"],
            &format!("{own} https://shop.example http://[::1]:99"),
        );
        check(&["org.example.app:/cb"], &format!("{own} org.example.app:"));
    }

    #[test]
    fn hostile_uris_cannot_widen_the_policy() {
        let own = "'self' http://127.0.0.1:4444";
        for uri in [
            "https://a;script-src 'unsafe-inline'/",
            "https://a,b/",
            "https://*/",
            "https://*.example.org/",
            "javascript:alert(1)",
            "data:text/html,x",
        ] {
            check(&[uri], own);
        }
        let many: Vec<String> = (0..99).map(|n| format!("https://h{n}.example/")).collect();
        let public = "http://127.0.0.1:4444/".parse().unwrap();
        let policy = policy(&public, many.iter().map(String::as_str));
        assert!(policy.len() < 1000, "{}", policy.len());
    }
}

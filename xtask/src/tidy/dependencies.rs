//! Arrows to packages of others: what the domain must not contain, and what only `crypto` names.

use super::Finding;
use super::map::{DOMAIN, DOMAIN_WITH_TOKIO, NOT_IN_DOMAIN, ONLY_IN_CRYPTO};
use crate::metadata::{Kind, Member, Workspace};

/// Domain crates contain no HTTP and no SQL; only `crypto` names the crypto libraries.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    workspace
        .members
        .iter()
        .flat_map(|member| [domain(member), tokio(member), crypto(member)].concat())
        .map(|(name, what)| Finding::new(name, what))
        .collect()
}

type Found<'a> = Vec<(&'a str, String)>;

fn domain(member: &Member) -> Found<'_> {
    if !DOMAIN.contains(&member.name.as_str()) {
        return Vec::new();
    }
    let forbidden = NOT_IN_DOMAIN
        .iter()
        .filter_map(|name| member.contains.get(*name));
    let what = |way: &String| format!("a domain crate knows no HTTP, SQL or sockets: {way}");
    forbidden
        .map(|way| (member.name.as_str(), what(way)))
        .collect()
}

fn tokio(member: &Member) -> Found<'_> {
    let name = member.name.as_str();
    let uses = member
        .dependencies
        .iter()
        .any(|d| d.name == "tokio" && d.kind == Kind::Normal);
    if !uses || !DOMAIN.contains(&name) || DOMAIN_WITH_TOKIO.contains(&name) {
        return Vec::new();
    }
    vec![(
        name,
        "this domain crate is not to name tokio (xtask/src/tidy/map.rs)".to_owned(),
    )]
}

fn crypto(member: &Member) -> Found<'_> {
    if member.name == "crypto" {
        return Vec::new();
    }
    let named = member
        .dependencies
        .iter()
        .map(|dependency| dependency.name.as_str());
    named
        .filter(|name| ONLY_IN_CRYPTO.contains(name))
        .map(|name| {
            (
                member.name.as_str(),
                format!("only crate crypto may name {name}"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Dependency;

    fn findings(name: &str, direct: &[(&str, Kind)], contains: &[&str]) -> usize {
        let member = Member {
            name: name.to_owned(),
            dependencies: direct
                .iter()
                .map(|(name, kind)| Dependency {
                    name: (*name).to_owned(),
                    kind: *kind,
                })
                .collect(),
            contains: contains
                .iter()
                .map(|package| ((*package).to_owned(), format!("{name} → x → {package}")))
                .collect(),
            ..Member::default()
        };
        check(&Workspace {
            members: vec![member],
            ..Workspace::default()
        })
        .len()
    }

    #[test]
    fn the_domain_contains_no_http_and_no_sql_even_through_others() {
        assert_eq!(findings("oauth-core", &[], &["hyper", "url", "diesel"]), 2);
        assert_eq!(findings("server", &[], &["hyper"]), 0);
        assert_eq!(
            findings("provider", &[("hyper", Kind::Dev)], &[]),
            0,
            "examples may"
        );
    }

    #[test]
    fn tokio_is_named_only_where_the_map_says() {
        let tokio = [("tokio", Kind::Normal)];
        assert_eq!(findings("consent-flow", &tokio, &["tokio"]), 1);
        assert_eq!(findings("jwk-store", &tokio, &["tokio"]), 0);
        assert_eq!(
            findings("consent-flow", &[("tokio", Kind::Dev)], &["tokio"]),
            0
        );
    }

    #[test]
    fn crypto_libraries_are_named_by_crypto_alone() {
        for (name, kind, expected) in [
            ("jwk-store", Kind::Normal, 1),
            ("demo-app", Kind::Dev, 1),
            ("cli", Kind::Build, 1),
            ("crypto", Kind::Normal, 0),
        ] {
            assert_eq!(findings(name, &[("ring", kind)], &[]), expected, "{name}");
        }
    }
}

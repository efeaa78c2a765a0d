//! Arrows between the crates of the workspace.

use super::Finding;
use super::map::{FOR_TESTS, MAP, ONLY_FOR_TESTS};
use crate::metadata::{Kind, Workspace};

const WHERE: &str = "a new arrow is a decision: its own commit changes xtask/src/tidy/map.rs and \
                     the crate map of ARCHITECTURE.md";

/// Every arrow stands in the map.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &workspace.members {
        let Some((_, may_use)) = MAP.iter().find(|(name, _)| *name == member.name) else {
            let what = "this crate is not in the crate map (xtask/src/tidy/map.rs)";
            findings.push(Finding::new(&member.name, what));
            continue;
        };
        for dependency in &member.dependencies {
            let (name, kind) = (dependency.name.as_str(), dependency.kind);
            if name == member.name || workspace.member(name).is_none() {
                continue;
            }
            let allowed = if kind == Kind::Dev {
                may_use.contains(&name) || FOR_TESTS.contains(&name)
            } else {
                may_use.contains(&name)
                    && (!ONLY_FOR_TESTS.contains(&name) || member.name == "test-support")
            };
            if !allowed {
                let in_tests = if kind == Kind::Dev { " in tests" } else { "" };
                let what = format!(
                    "{} → {name}{in_tests} is not in the map; {WHERE}",
                    member.name
                );
                findings.push(Finding::new(&member.name, what));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::{Dependency, Member};

    fn check_arrow(from: &str, to: &str, kind: Kind) -> Vec<Finding> {
        let member = |name: &str, dependencies| Member {
            name: name.to_owned(),
            dependencies,
            ..Member::default()
        };
        let arrow = Dependency {
            name: to.to_owned(),
            kind,
        };
        let mut members = vec![member(from, vec![arrow])];
        if to != from {
            members.push(member(to, Vec::new()));
        }
        check(&Workspace {
            members,
            ..Workspace::default()
        })
    }

    #[test]
    fn arrows_are_allowed_exactly_as_mapped() {
        for (from, to, kind, allowed) in [
            ("crypto", "oauth-types", Kind::Normal, true),
            ("oauth-types", "crypto", Kind::Normal, false),
            ("oauth-types", "crypto", Kind::Build, false),
            ("demo-app", "crypto", Kind::Normal, true),
            ("demo-app", "provider", Kind::Dev, false),
            ("server", "persistence", Kind::Normal, false),
            ("server", "persistence", Kind::Dev, false),
            ("server", "memory-store", Kind::Dev, true),
            ("server", "memory-store", Kind::Normal, false),
            ("oauth-core", "test-support", Kind::Dev, true),
            ("provider", "test-support", Kind::Normal, false),
            ("test-support", "store-conformance", Kind::Normal, true),
            ("xtask", "oauth-types", Kind::Normal, false),
        ] {
            let findings = check_arrow(from, to, kind);
            assert_eq!(findings.is_empty(), allowed, "{from} → {to}: {findings:?}");
        }
    }

    #[test]
    fn a_finding_names_crate_arrow_and_where_the_map_is() {
        let finding = check_arrow("server", "persistence", Kind::Normal).remove(0);
        assert_eq!(finding.place, "server");
        assert!(finding.what.contains("server → persistence"), "{finding:?}");
        assert!(
            finding.what.contains("xtask/src/tidy/map.rs"),
            "{finding:?}"
        );
    }

    #[test]
    fn a_crate_outside_the_map_is_found() {
        assert_eq!(check_arrow("newcomer", "newcomer", Kind::Normal).len(), 1);
    }

    #[test]
    fn the_map_has_no_circle_and_no_unknown_names() {
        // Rows stand in the order of the layers, so every arrow points upwards.
        for (row, (name, may_use)) in MAP.iter().enumerate() {
            for used in *may_use {
                let above = MAP[..row].iter().any(|(name, _)| name == used);
                assert!(above, "{name} → {used} does not point upwards");
            }
        }
    }
}

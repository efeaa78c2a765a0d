//! What cargo knows of the workspace, cut down to what the chores ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

use crate::run;

/// Where a dependency is used.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// In the crate itself.
    #[default]
    Normal,
    /// In its build script.
    Build,
    /// In its tests and examples.
    Dev,
}

/// One dependency as a manifest declares it.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// One compiled unit of a crate.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    /// `lib`, `bin`, `test`, `example`, …
    pub(crate) kind: Vec<String>,
    /// The file it starts with.
    pub(crate) src_path: PathBuf,
}

/// One crate of the workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
    /// Every package that its library or executable contains, with the way there
    /// (`a → b → c`); without what tokio brings along, which no crate can choose.
    pub(crate) contains: BTreeMap<String, String>,
}

/// The workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workspace {
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
    pub(crate) members: Vec<Member>,
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    /// Cargo fails: a broken manifest, or a lock file that is not up to date.
    pub(crate) fn load() -> Result<Self, String> {
        let version = run::read(Command::new("rustc").arg("-vV"))?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.ok_or("rustc -vV names no host")?;
        let fixed = [
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
            host,
        ];
        let json = run::read(&mut run::cargo(fixed))?;
        parse(&json).map_err(|error| format!("cargo metadata: {error}"))
    }

    /// A crate of the workspace.
    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    resolve: Resolve,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    dependencies: Vec<Declared>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Declared {
    name: String,
    kind: Option<Kind>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
struct EdgeKind {
    kind: Option<Kind>,
}

fn parse(json: &str) -> Result<Workspace, serde_json::Error> {
    let metadata: Metadata = serde_json::from_str(json)?;
    let names: BTreeMap<&str, &str> = metadata
        .packages
        .iter()
        .map(|p| (p.id.as_str(), p.name.as_str()))
        .collect();
    let graph: BTreeMap<&str, Vec<&str>> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| {
            let normal = |edge: &&Edge| {
                edge.dep_kinds
                    .iter()
                    .any(|k| k.kind.unwrap_or_default() == Kind::Normal)
            };
            (
                node.id.as_str(),
                node.deps
                    .iter()
                    .filter(normal)
                    .map(|e| e.pkg.as_str())
                    .collect(),
            )
        })
        .collect();
    let members = metadata
        .packages
        .iter()
        .filter(|package| metadata.workspace_members.contains(&package.id))
        .map(|package| Member {
            name: package.name.clone(),
            dependencies: package
                .dependencies
                .iter()
                .map(|d| Dependency {
                    name: d.name.clone(),
                    kind: d.kind.unwrap_or_default(),
                })
                .collect(),
            targets: package.targets.clone(),
            contains: contained(&package.id, &names, &graph),
        })
        .collect();
    Ok(Workspace {
        target: metadata.target_directory,
        members,
    })
}

fn contained(
    start: &str,
    names: &BTreeMap<&str, &str>,
    graph: &BTreeMap<&str, Vec<&str>>,
) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![(start.to_owned(), String::new())];
    while let Some((id, way)) = open.pop() {
        let Some(&name) = names.get(id.as_str()) else {
            continue;
        };
        let way = if way.is_empty() {
            name.to_owned()
        } else {
            format!("{way} → {name}")
        };
        if found.insert(name.to_owned(), way.clone()).is_some() || name == "tokio" {
            continue;
        }
        let next = graph.get(id.as_str()).into_iter().flatten();
        open.extend(next.map(|id| ((*id).to_owned(), way.clone())));
    }
    found.remove(names.get(start).copied().unwrap_or_default());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crate_contains_is_followed_through_normal_arrows_up_to_tokio() {
        let package = |id: &str| {
            serde_json::json!({ "id": id, "name": id, "targets": [], "dependencies":
                [{ "name": "b", "kind": null }, { "name": "t", "kind": "dev" }] })
        };
        let edge = |pkg: &str, kind: Option<&str>| serde_json::json!({ "pkg": pkg, "dep_kinds": [{ "kind": kind }] });
        let packages = ["a", "b", "c", "t", "tokio", "mio"].map(package);
        let json = serde_json::json!({
            "packages": packages,
            "workspace_members": ["a"],
            "target_directory": "/tmp/t",
            "resolve": { "nodes": [
                { "id": "a", "deps": [edge("b", None), edge("t", Some("dev"))] },
                { "id": "b", "deps": [edge("c", None), edge("tokio", None)] },
                { "id": "c", "deps": [edge("b", None)] },
                { "id": "tokio", "deps": [edge("mio", None)] },
            ]},
        });
        let workspace = parse(&json.to_string()).unwrap();
        let a = workspace.member("a").unwrap();
        assert_eq!(a.contains.keys().collect::<Vec<_>>(), ["b", "c", "tokio"]);
        assert_eq!(a.contains["c"], "a → b → c");
        assert_eq!(a.dependencies[1].kind, Kind::Dev);
        assert_eq!(workspace.members.len(), 1);
    }
}

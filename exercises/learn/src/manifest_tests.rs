use super::*;

const ROOT: &str = r#"
[workspace]
resolver = "3"
members = ["stages/*"]
[workspace.package]
version = "0.1.0"
edition = "2024"
readme = "README.md"
[workspace.dependencies]
bytes = "1"
serde = { version = "1", features = ["derive"] }
segment-log = { path = "stages/01-segment-log" }
story = { path = "tests/story" }
[workspace.lints.rust]
unsafe_code = "deny"
[profile.dev]
debug = "line-tables-only"
[profile.dev.package]
segment-log = { opt-level = 1 }
[patch.crates-io]
bytes = { path = "vendored/bytes" }
"#;

const STAGE: &str = r#"
[package]
name = "partitioning"
version.workspace = true
edition.workspace = true
readme.workspace = true
description = "Stage 02"
[features]
fast = []
[dependencies]
bytes.workspace = true
serde = { workspace = true, features = ["rc"], optional = true }
segment-log.workspace = true
near = { path = "near" }
plain = "2"
[target.'cfg(unix)'.dependencies]
bytes = { workspace = true, default-features = true }
[dev-dependencies]
story.workspace = true
[lints]
workspace = true
[[bench]]
name = "speed"
harness = false
[[test]]
name = "odd"
path = "tests/odd/main.rs"
"#;

struct Place {
    _folder: tempfile::TempDir,
    root: PathBuf,
    stage: PathBuf,
    work: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    let (stage, work) = (root.join("stages/02-partitioning"), root.join("exercises/02-partitioning/work"));
    files::write(&root.join("Cargo.toml"), ROOT.as_bytes()).unwrap();
    files::write(&stage.join("Cargo.toml"), STAGE.as_bytes()).unwrap();
    Place { _folder: folder, root, stage, work }
}

fn rewritten(own: &dyn Fn(&Path) -> Option<PathBuf>, mark: Option<&str>) -> Table {
    let place = place();
    let root_manifest = parse(&place.root.join("Cargo.toml")).unwrap();
    let rewrite =
        Rewrite { root: &place.root, root_manifest: &root_manifest, from: &place.stage, to: &place.work, own, mark };
    rewrite.text().unwrap().parse().unwrap()
}

fn toml(text: &str) -> Table {
    text.parse().unwrap()
}

#[test]
fn what_is_inherited_is_written_out() {
    let new = rewritten(&|_| None, None);
    assert_eq!(
        new["package"].as_table().unwrap(),
        &toml("name = \"partitioning\"\nversion = \"0.1.0\"\nedition = \"2024\"\ndescription = \"Stage 02\"")
    );
    let expected = toml(
        r#"
        bytes = { version = "1" }
        serde = { version = "1", features = ["derive", "rc"], optional = true }
        segment-log = { path = "../../../stages/01-segment-log" }
        near = { path = "../../../stages/02-partitioning/near" }
        plain = { version = "2" }
        "#,
    );
    assert_eq!(new["dependencies"].as_table().unwrap(), &expected);
    assert_eq!(new["dev-dependencies"]["story"]["path"].as_str(), Some("../../../tests/story"));
    let unix = &new["target"]["cfg(unix)"]["dependencies"]["bytes"];
    assert_eq!(unix.as_table().unwrap(), &toml("version = \"1\"\ndefault-features = true"));
}

#[test]
fn the_copy_is_its_own_workspace_with_the_roots_profiles_and_patches() {
    let new = rewritten(&|_| None, None);
    assert_eq!(new["workspace"].as_table().unwrap(), &toml("resolver = \"3\""));
    assert_eq!(new["profile"]["dev"].as_table().unwrap(), &toml("debug = \"line-tables-only\""));
    assert_eq!(new["patch"]["crates-io"]["bytes"]["path"].as_str(), Some("../../../vendored/bytes"));
    assert!(!new.contains_key("bench"));
    assert_eq!(new["test"][0]["path"].as_str(), Some("tests/odd/main.rs"));
    assert!(new["features"].get("fast").is_some());
}

#[test]
fn lints_neither_deny_nor_drown() {
    let new = rewritten(&|_| None, None);
    assert_eq!(new["lints"]["rust"]["unused"]["level"].as_str(), Some("allow"));
    assert!(new["lints"]["rust"].get("unsafe_code").is_none());
    let silent = rewritten(&|_| None, Some("starter"));
    assert_eq!(silent["lints"]["rust"]["warnings"]["level"].as_str(), Some("allow"));
    assert_eq!(silent["package"]["version"].as_str(), Some("0.1.0+starter"), "Cargo must tell it from other copies");
}

#[test]
fn a_lower_stage_may_be_the_learners_own() {
    let own = |reference: &Path| {
        let (root, name) = (reference.parent()?.parent()?, reference.file_name()?);
        (name == "01-segment-log").then(|| root.join("exercises").join(name).join("work"))
    };
    let new = rewritten(&own, None);
    assert_eq!(new["dependencies"]["segment-log"]["path"].as_str(), Some("../../01-segment-log/work"));
    assert_eq!(new["dev-dependencies"]["story"]["path"].as_str(), Some("../../../tests/story"));
}

#[test]
fn path_dependencies_are_found_through_the_root() {
    let place = place();
    let root_manifest = parse(&place.root.join("Cargo.toml")).unwrap();
    let paths = |dev| path_dependencies(&place.root, &root_manifest, &place.stage, dev).unwrap();
    let (lower, near) = (place.root.join("stages/01-segment-log"), place.stage.join("near"));
    assert_eq!(paths(false), [lower.clone(), near.clone()]);
    assert_eq!(paths(true), [lower, near, place.root.join("tests/story")]);
}

#[test]
fn what_the_root_does_not_list_is_named() {
    let place = place();
    let stage = STAGE.replace("bytes.workspace = true", "absent.workspace = true");
    files::write(&place.stage.join("Cargo.toml"), stage.as_bytes()).unwrap();
    let root_manifest = parse(&place.root.join("Cargo.toml")).unwrap();
    let fault = path_dependencies(&place.root, &root_manifest, &place.stage, false).unwrap_err();
    assert!(fault.to_string().contains("`absent` is inherited"), "{fault}");
}

//! What the documents say is tested exists: every file and every test that docs/security.md and the limits of
//! ARCHITECTURE.md name, so that neither tells of what was renamed or removed.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every file of the repository by its path in it, without what is made or installed.
fn files() -> BTreeSet<String> {
    fn walk(root: &Path, folder: &Path, files: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match path.is_dir() {
                true if ["target", "node_modules", ".git", ".local", "dist", ".aws-sam"].contains(&name.as_str()) => {}
                true => walk(root, &path, files),
                false => _ = files.insert(path.strip_prefix(root).unwrap().to_string_lossy().into_owned()),
            }
        }
    }
    let mut files = BTreeSet::new();
    walk(&root(), &root(), &mut files);
    files
}

/// The names of all tests in Rust and in Python.
fn tests(files: &BTreeSet<String>) -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for file in files.iter().filter(|file| file.ends_with(".rs") || file.ends_with(".py")) {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            let name = line.trim_start_matches("async ").strip_prefix("fn ").or(line.strip_prefix("def "));
            if let Some(name) = name.and_then(|rest| rest.split('(').next())
                && (is_test || name.starts_with("test_"))
            {
                tests.insert(name.to_owned());
            }
            // An attribute stands before its function, with others or a comment between them.
            let is_attribute = line.starts_with("#[");
            is_test = (is_attribute && line.contains("test") && !line.contains("cfg"))
                || (is_test && (is_attribute || line.starts_with("//")));
        }
    }
    tests
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn is_test_name(word: &str) -> bool {
    word.matches('_').count() >= 2
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A path, by its end, or a folder.
fn is_file_name(word: &str) -> bool {
    let is_path = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte));
    let extension = word.rsplit_once('.').map(|(_, extension)| extension);
    is_path
        && extension
            .is_some_and(|extension| ["rs", "md", "yaml", "yml", "toml", "py", "sql", "ts", "tsx"].contains(&extension))
}

/// What is named and is not there.
fn missing<'t>(text: &'t str, files: &BTreeSet<String>, tests: &BTreeSet<String>) -> Vec<&'t str> {
    let is_there = |word: &str| match word {
        _ if is_test_name(word) => tests.contains(word),
        _ if is_file_name(word) => files.iter().any(|file| file == word || file.ends_with(&format!("/{word}"))),
        _ => true,
    };
    quoted(text).filter(|word| !is_there(word)).collect()
}

/// The rows of a table that has this heading, as cells.
fn table<'t>(document: &'t str, heading: &str) -> Vec<Vec<&'t str>> {
    let rows = document.lines().skip_while(|line| *line != heading).skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn what_the_security_review_names_is_there() {
    let (files, review) = (files(), fs::read_to_string(root().join("docs/security.md")).unwrap());

    assert_eq!(missing(&review, &files, &tests(&files)), Vec::<&str>::new());
    let is_requirement = |line: &&str| ["| API", "| 2.", "| 3.", "| 4."].iter().any(|start| line.starts_with(start));
    let rows: Vec<_> = review.lines().filter(is_requirement).collect();
    assert!(rows.len() > 60, "{}", rows.len());
    for row in rows {
        let says_how =
            ["not met", "does not apply", "partly", "accepted"].iter().any(|word| row.to_lowercase().contains(word));
        assert!(says_how || quoted(row).any(|word| is_test_name(word) || is_file_name(word)), "{row}");
    }
}

#[test]
fn every_limit_names_a_test_that_is_there() {
    let (files, document) = (files(), fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap());
    let tests = tests(&files);

    let limits = table(&document, "| what | limit | where | tested by |");

    assert!(limits.len() > 40, "{}", limits.len());
    for limit in limits {
        let [what, value, place, tested_by] = limit[..] else { panic!("four cells: {limit:?}") };
        assert_eq!(missing(place, &files, &tests), Vec::<&str>::new(), "{what}");
        assert_eq!(missing(tested_by, &files, &tests), Vec::<&str>::new(), "{what}");
        assert!(
            !value.is_empty() && (quoted(tested_by).any(is_test_name) || tested_by.starts_with("none: ")),
            "{what}: {tested_by}"
        );
    }
}

#[test]
fn a_name_that_nothing_has_is_noticed() {
    let files = files();
    let tests = tests(&files);

    assert_eq!(missing("`no_test_has_this_name` `shared/src/nothing.rs` `shared/src/lib.rs`", &files, &tests).len(), 2);
    assert!(tests.contains("a_name_that_nothing_has_is_noticed") && tests.contains("test_no_log_is_kept_for_ever"));
    assert!(!tests.contains("is_test_name"));
}

/// What deny.toml asks for, as far as it can be asked without RustSec's database: `cargo deny` asks for the rest.
#[test]
fn every_dependency_is_from_the_registry_under_a_licence_that_is_allowed() {
    let deny = fs::read_to_string(root().join("deny.toml")).unwrap();
    let (_, allowed) = deny.split_once("\nallow = [").unwrap();
    let allowed: BTreeSet<&str> = allowed.split(']').next().unwrap().split('"').skip(1).step_by(2).collect();
    // Of this kind of machine: what others link may never have been downloaded here.
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let rustc = String::from_utf8(rustc.stdout).unwrap();
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", host, "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();

    let packages = metadata["packages"].as_array().unwrap().iter().filter(|package| !package["source"].is_null());
    let packages: Vec<_> = packages.collect();
    assert!(packages.len() > 200);
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let source = package["source"].as_str().unwrap();
        assert!(source.starts_with("registry+https://github.com/rust-lang/"), "{name} comes from {source}");
        assert!(!["openssl-sys", "aws-lc-sys"].contains(&name), "{name}");
        // Of alternatives one is enough; of what has to be kept together all. A slash is how it was written once.
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name} has no licence"));
        let licence = licence.replace('/', " OR ").replace(['(', ')'], "");
        let is_allowed = |term: &str| term.split(" OR ").any(|term| allowed.contains(term.trim()));
        assert!(licence.split(" AND ").all(is_allowed), "{name}: {licence}");
    }
}

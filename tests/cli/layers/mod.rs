//! The architecture: a file names only its own module and those declared above it, so that there
//! are no cycles between modules, or between the files of a folder and its `mod.rs`.

mod planted;
mod source;

use std::fs;
use std::path::Path;

#[test]
fn every_file_imports_only_from_modules_declared_above_it() {
    let mut files = Vec::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")), "src", &mut files);
    let found = violations(&files);
    assert!(
        found.is_empty(),
        "{} violations:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn every_file_that_the_contributors_guide_names_exists() {
    let guide = include_str!("../../../.github/CONTRIBUTING.md");
    let code = guide.split('`').skip(1).step_by(2);
    let is_file = |text: &&str| {
        let is_name =
            text.contains('/') || Path::new(text).extension().is_some_and(|it| it == "rs");
        is_name && *text != "mod.rs" && !text.contains([' ', ':'])
    };
    let files: Vec<_> = code.filter(is_file).collect();
    assert!(
        files.len() > 50,
        "the guide was not read as it should be: {files:?}"
    );
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A walk names the files of src.
    let exists =
        |file: &&str| package.join(file).exists() || package.join("src").join(file).exists();
    let missing: Vec<_> = files.into_iter().filter(|file| !exists(file)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn collect(package: &Path, folder: &str, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(package.join(folder)).unwrap() {
        let path = format!("{folder}/{}", entry.unwrap().file_name().display());
        let file = package.join(&path);
        if file.is_dir() {
            collect(package, &path, files);
        } else if file.extension().is_some_and(|it| it == "rs") {
            files.push((path, fs::read_to_string(file).unwrap()));
        }
    }
}

fn violations(files: &[(String, String)]) -> Vec<String> {
    let mut walk = Walk {
        files,
        visited: Vec::new(),
        found: Vec::new(),
    };
    walk.visit(&["src/lib.rs".into()], &[], &[]);
    walk.visit(&["src/main.rs".into()], &[], &[]);
    if files.iter().any(|(path, _)| path == "src/build.rs") {
        walk.visit(&["src/build.rs".into()], &[], &[]);
    }
    for (path, _) in files {
        let is_test = path.ends_with("/tests.rs") || path.contains("/tests/");
        if !walk.visited.contains(&path) && !is_test {
            walk.found.push(format!("{path}: no mod line leads here"));
        }
    }
    walk.found
}

struct Walk<'a> {
    files: &'a [(String, String)],
    visited: Vec<&'a String>,
    found: Vec<String>,
}

impl Walk<'_> {
    fn visit(&mut self, places: &[String], module: &[String], above: &[Vec<String>]) {
        let Some((path, text)) = self.files.iter().find(|(path, _)| places.contains(path)) else {
            self.found
                .push(format!("{} is missing", places.join(" or ")));
            return;
        };
        self.visited.push(path);
        let source = source::read(text, module);
        for (line, names) in source.paths {
            if !names.starts_with(module) && !above.iter().any(|above| names.starts_with(above)) {
                let name = names.join("::");
                let problem = format!("{path}:{line}: crate::{name} is not in a module above");
                self.found.push(problem);
            }
        }
        let mut above = above.to_vec();
        for name in source.modules {
            let child = [module, &[name]].concat();
            let base = format!("src/{}", child.join("/"));
            let places = [format!("{base}.rs"), format!("{base}/mod.rs")];
            self.visit(&places, &child, &above);
            above.push(child);
        }
    }
}

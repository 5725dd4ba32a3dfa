//! The architecture: a module imports only from those above it in `lib.rs`.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn a_module_imports_only_from_those_above_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let modules = modules(&fs::read_to_string(source.join("lib.rs")).unwrap());
    assert!(
        modules.len() > 10,
        "lib.rs declares the modules: {modules:?}"
    );
    for (place, module) in modules.iter().enumerate() {
        for file in files(&source, module) {
            let text = fs::read_to_string(&file).unwrap();
            for later in &modules[place + 1..] {
                let import = format!("crate::{later}::");
                assert!(
                    !text.contains(&import),
                    "{} imports {later}, which stands below it",
                    file.display()
                );
            }
        }
    }
}

fn modules(lib: &str) -> Vec<String> {
    let lines = lib.lines().map(|line| line.trim_start_matches("pub "));
    lines
        .filter_map(|line| Some(line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned()))
        .collect()
}

fn files(source: &Path, module: &str) -> Vec<PathBuf> {
    let mut files = vec![source.join(format!("{module}.rs"))];
    let mut folders = vec![source.join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path())
            } else {
                files.push(entry.path())
            }
        }
    }
    files.into_iter().filter(|file| file.is_file()).collect()
}

//! The build script: hands the program its commit and its target, for `padlock version` (works
//! without git too), and links the unwinder into it.
#![expect(
    clippy::disallowed_methods,
    reason = "cargo hands everything over by variables"
)]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() {
    let target = env::var("TARGET").unwrap_or_default();
    let commit = of_checkout().or_else(of_package);
    let commit = commit.unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-env-changed=AWS_LC_SYS_NO_JITTER_ENTROPY");
    println!("cargo::rustc-env=PADLOCK_TARGET={target}");
    println!("cargo::rustc-env=PADLOCK_COMMIT={commit}");
    link_unwinder();
}

/// Makes a release build contain the unwinder, which backtraces use, instead of loading the shared
/// library `libgcc_s` each time it starts: a tenth of the time that `padlock --version` takes. Where
/// GCC's static library is not found, the build is as usual.
fn link_unwinder() {
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let variable = |name| env::var(name).unwrap_or_default();
    let is_plain = variable("HOST") == variable("TARGET") && env::var_os("RUSTC_LINKER").is_none();
    let is_gnu = variable("TARGET").ends_with("-linux-gnu");
    if !(is_plain && is_gnu && variable("PROFILE") == "release") {
        return;
    }
    let files = [of_gcc("libgcc_eh.a"), of_gcc("libgcc.a")];
    let [Some(unwinder), Some(support)] = files else {
        return;
    };
    let folder = Path::new(&variable("OUT_DIR")).join("unwinder");
    let created = fs::create_dir_all(&folder);
    // An older glibc does not know what is compiled here, and its GCC does not need it.
    let tables = folder.join("tables.o");
    let tables = if compile("src/unwinder.c", &tables) {
        "tables.o"
    } else {
        ""
    };
    // The linker finds this text in place of the shared library, and reads the files it names.
    let text = format!("INPUT({tables} {unwinder} {support})\n");
    let written = created.and_then(|()| fs::write(folder.join("libgcc_s.so"), text));
    if written.is_ok() {
        println!("cargo::rustc-link-search=native={}", folder.display());
    }
}

/// Compiles C; whether that succeeded.
fn compile(source: &str, object: &Path) -> bool {
    println!("cargo::rerun-if-changed={source}");
    let mut compiler = Command::new("cc");
    compiler.args(["-O2", "-fPIC", "-c", source, "-o"]);
    printed(compiler.arg(object)).is_some()
}

/// The path of a library that comes with the C compiler, if it can be named in a linker script.
fn of_gcc(library: &str) -> Option<String> {
    let path = printed(Command::new("cc").arg(format!("-print-file-name={library}")))?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._+-".contains(c);
    (Path::new(&path).is_file() && path.chars().all(is_plain)).then_some(path)
}

/// The commit that is checked out, if this folder is the top of a checkout.
fn of_checkout() -> Option<String> {
    let is_top = git(&["rev-parse", "--show-prefix"])?.is_empty();
    let commit = is_top.then(|| git(&["rev-parse", "HEAD"])).flatten()?;
    for file in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", file])?;
        if fs::exists(&path).unwrap_or(false) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    Some(commit)
}

/// The commit that the package was made of, as cargo notes in it.
fn of_package() -> Option<String> {
    let note = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = note.split_once("\"sha1\": \"")?;
    let commit = rest.split('"').next()?;
    Some(commit.to_owned())
}

/// What git prints; cargo runs this in the package's folder.
fn git(arguments: &[&str]) -> Option<String> {
    printed(Command::new("git").args(arguments))
}

/// What a command prints, if it succeeds.
fn printed(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end().to_owned())
}

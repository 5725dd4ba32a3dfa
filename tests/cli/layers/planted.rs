//! Violations planted in a small tree that has none.

use super::violations;

const TREE: [(&str, &str); 12] = [
    ("src/lib.rs", "mod early; mod room; mod later;"),
    ("src/early.rs", ""),
    ("src/room/mod.rs", "mod first; mod nook; mod last;"),
    ("src/room/first.rs", ""),
    ("src/room/nook/mod.rs", "mod inner; mod outer;"),
    ("src/room/nook/inner.rs", ""),
    ("src/room/nook/outer.rs", ""),
    ("src/room/last.rs", ""),
    ("src/later.rs", ""),
    ("src/main.rs", "mod crash; mod signals;"),
    ("src/crash.rs", ""),
    ("src/signals.rs", ""),
];

/// Adds `text` to a file of the tree, and expects these violations: a line and a path each.
#[track_caller]
fn assert_found(file: &str, text: &str, expected: &[&str]) {
    let plant = |path: &str| if path == file { text } else { "" };
    let files = TREE.map(|(path, text)| (path.into(), format!("{text}{}", plant(path))));
    let problem = |path| format!("{file}:{path} is not in a module above");
    let expected: Vec<String> = expected.iter().map(problem).collect();
    assert_eq!(violations(&files), expected);
}

#[test]
fn a_later_module_is_a_violation() {
    let text = "use crate::later::X;";
    assert_found("src/early.rs", text, &["1: crate::later::X"]);
}

#[test]
fn a_later_module_in_braces_is_a_violation() {
    let text = "use crate::{early::A, later::B};";
    assert_found("src/room/first.rs", text, &["1: crate::later::B"]);
}

#[test]
fn a_renamed_import_in_nested_braces_over_several_lines_is_a_violation() {
    let text = "use crate::{\n early::{self, A as later},\n later::{\n B as C, D},\n};";
    let expected = ["4: crate::later::B", "4: crate::later::D"];
    assert_found("src/early.rs", text, &expected);
}

#[test]
fn a_path_in_an_expression_is_a_violation() {
    let text = "fn f() { for x in crate::later::f() {\n g::<crate::later::T>(x as crate::later::U)";
    let expected = [
        "1: crate::later::f",
        "2: crate::later::T",
        "2: crate::later::U",
    ];
    assert_found("src/early.rs", text, &expected);
}

#[test]
fn a_reexport_is_a_violation() {
    let text = "pub(crate) use crate::later::X;\npub use {crate::later as y};";
    let expected = ["1: crate::later::X", "2: crate::later"];
    assert_found("src/room/mod.rs", text, &expected);
}

#[test]
fn an_item_of_lib_is_a_violation() {
    let text = "use crate::{Item, early::B};\nuse crate::*;\nfn f(_: crate::Item) {}";
    let expected = ["1: crate::Item", "2: crate::*", "3: crate::Item"];
    assert_found("src/later.rs", text, &expected);
}

#[test]
fn a_later_sibling_is_a_violation() {
    let text = "use super::last::X;";
    assert_found("src/room/first.rs", text, &["1: crate::room::last::X"]);
}

#[test]
fn a_later_sibling_in_braces_is_a_violation() {
    let text = "use super::{first::A, last::B};";
    assert_found("src/room/nook/mod.rs", text, &["1: crate::room::last::B"]);
}

#[test]
fn a_later_sibling_by_its_full_path_is_a_violation() {
    let text = "use crate::room::{first::A, last::B};";
    assert_found("src/room/nook/mod.rs", text, &["1: crate::room::last::B"]);
}

#[test]
fn an_item_of_the_folder_is_a_violation() {
    let text = "use super::{A, first::B};\nuse crate::room::C;\nuse super::*;";
    let expected = [
        "1: crate::room::A",
        "2: crate::room::C",
        "3: crate::room::*",
    ];
    assert_found("src/room/last.rs", text, &expected);
}

#[test]
fn the_folder_itself_is_a_violation() {
    let text = "use super as room;\nuse crate::room::{self as again};";
    let expected = ["1: crate::room", "2: crate::room"];
    assert_found("src/room/last.rs", text, &expected);
}

#[test]
fn a_later_module_above_a_nested_folder_is_a_violation() {
    let text = "use super::super::last::X;\nuse super::super::super::later::Y;";
    let expected = ["1: crate::room::last::X", "2: crate::later::Y"];
    assert_found("src/room/nook/outer.rs", text, &expected);
}

#[test]
fn a_module_written_out_in_a_file_obeys_the_order_of_that_file() {
    let text = "struct A; mod b { use super::A; use super::super::last::X; }";
    assert_found("src/room/first.rs", text, &["1: crate::room::last::X"]);
}

#[test]
fn the_modules_of_the_binary_obey_its_own_order() {
    let text = "use crate::signals::X;";
    assert_found("src/crash.rs", text, &["1: crate::signals::X"]);
    assert_found("src/signals.rs", "use crate::crash::X;", &[]);
}

#[test]
fn code_beside_unit_tests_is_checked() {
    let text = "#[cfg(test)] mod tests;\n#[cfg(not(test))] use super::last::X;
        struct S { #[cfg(test)] a: u8, b: super::last::Y }";
    let expected = ["2: crate::room::last::X", "3: crate::room::last::Y"];
    assert_found("src/room/first.rs", text, &expected);
}

#[test]
fn a_file_without_a_mod_line_or_the_reverse_is_a_violation() {
    let files = [("lib", "mod absent;"), ("main", ""), ("stray", "")];
    let files = files.map(|(name, text)| (format!("src/{name}.rs"), text.into()));
    let expected = [
        "src/absent.rs or src/absent/mod.rs is missing",
        "src/stray.rs: no mod line leads here",
    ];
    assert_eq!(violations(&files), expected);
}

#[test]
fn a_files_own_module_and_those_above_it_are_allowed() {
    let outer = "use crate::{early::*, room::first}; use super::super::{first::{A, B as C}};
        use super::inner::D; use self::E; pub(in super::super) use ::later::F;
        impl S { pub(super) fn f(&self) -> crate::early::G { self::h(self as u8) + later::i() } }";
    assert_found("src/room/nook/outer.rs", outer, &[]);
    let room = "pub(crate) use first::A; use self::last::{self, B}; use crate::room::last::C;
        impl T { pub(in crate::room) fn f() -> super::early::D { nook::inner::g() } }";
    assert_found("src/room/mod.rs", room, &[]);
    let lib = "pub use later::A; use crate::{Item as B, room::last::C};";
    assert_found("src/lib.rs", lib, &[]);
}

#[test]
fn unit_tests_may_import_anything() {
    let text = "#[cfg(test)] #[expect(x)] mod tests { use super::*; fn f() { crate::later::g() } }
        #[cfg(test)] use super::{Item, last::X};
        impl S { #[cfg(test)] fn f(_: [u8; 3]) -> crate::later::T { super::last::g() } }
        #[cfg(test)] mod tests;";
    assert_found("src/room/first.rs", text, &[]);
}

#[test]
fn comments_and_literals_are_not_imports() {
    let text = r##"//! See [`crate::later::X`].
        /* use super::last::X; */ const A: &str = "\" crate::later::B \\"; // super::last::X
        const C: [&[u8]; 2] = [br#"" crate::later::D"#, b"super::last::E"];
        fn f<'a>(c: &'a char) -> bool { *c == '"' || *c == '\'' || "crate::later::G" == r"\" }
        use super::last::H;"##;
    let expected = ["5: crate::room::last::H"];
    assert_found("src/room/first.rs", text, &expected);
}

//! Values as shells set them, quoted so that no character of a value has a meaning.

use zeroize::Zeroizing;

/// A shell, or what takes the place of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Shell {
    /// for eval in bash, dash or ksh
    Bash,
    /// for eval in zsh
    Zsh,
    /// for source in fish
    Fish,
    /// for the next steps of a job in GitHub Actions
    Github,
}

/// How a shell writes assignments and quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// That of bash, zsh and every POSIX shell.
    #[default]
    Posix,
    Fish,
}

/// A statement that sets a variable for the shell and its children. The semicolon at its end lets a
/// shell that joins the lines, as `eval $(…)` does without quotes, still read them.
pub(super) fn assignment(syntax: Syntax, name: &str, value: &str) -> Zeroizing<String> {
    let (before, after) = match syntax {
        Syntax::Posix => ("export ", "="),
        Syntax::Fish => ("set -gx ", " "),
    };
    let quoted = quoted(syntax, value);
    Zeroizing::new([before, name, after, quoted.as_str(), ";\n"].concat())
}

/// A value in single quotes. In those of POSIX shells nothing has a meaning but the quote that ends
/// them; in those of fish a backslash escapes a quote or a backslash.
fn quoted(syntax: Syntax, value: &str) -> Zeroizing<String> {
    // Long enough for any value, since a text that grows leaves a copy.
    let mut text = Zeroizing::new(String::with_capacity(4 * value.len() + 2));
    text.push('\'');
    for character in value.chars() {
        match (syntax, character) {
            (Syntax::Fish, '\'') => text.push_str(r"\'"),
            (Syntax::Fish, '\\') => text.push_str(r"\\"),
            (_, '\'') => text.push_str(r"'\''"),
            (_, other) => text.push(other),
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// What the shell has in its environment after it has read the assignment; `None` where it is
    /// not installed. CI installs all of them.
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stderr,
        reason = "CI requires the shells"
    )]
    fn as_read_by(program: &[&str], syntax: Syntax, value: &str) -> Option<String> {
        let set = assignment(syntax, "PADLOCK_VALUE", value);
        let script = format!("{}env -0", set.as_str());
        let output = Command::new(program[0])
            .args(&program[1..])
            .args(["-c", &script])
            .output();
        let output = match output {
            Ok(output) => output,
            Err(_) if std::env::var_os("CI").is_none() => {
                eprintln!("skipped: {} is not installed", program[0]);
                return None;
            }
            Err(error) => panic!("{}: {error}", program[0]),
        };
        assert!(output.status.success(), "{program:?}: {output:?}");
        let environment = String::from_utf8(output.stdout).unwrap();
        let mut variables = environment.split('\0');
        let found = variables.find_map(|one| one.strip_prefix("PADLOCK_VALUE="));
        Some(found.expect("the variable").to_owned())
    }

    const SHELLS: [(&[&str], Syntax); 7] = [
        (&["bash", "--norc"], Syntax::Posix),
        (&["bash", "--norc", "-o", "histexpand"], Syntax::Posix),
        (&["bash", "--posix"], Syntax::Posix),
        (&["dash"], Syntax::Posix),
        (&["zsh", "-f"], Syntax::Posix),
        (
            &["zsh", "-f", "-o", "rcquotes", "-o", "extendedglob"],
            Syntax::Posix,
        ),
        (&["fish", "--no-config"], Syntax::Fish),
    ];

    #[test]
    fn a_shell_reads_every_value_as_it_was() {
        let ascii: String = ('\u{1}'..='\u{7f}').collect();
        let one_by_one: String = ('\u{1}'..='\u{7f}')
            .flat_map(|one| [one, '\'', one])
            .collect();
        let values = [
            ascii.as_str(),
            &one_by_one,
            "",
            "'",
            "''",
            "'''a''b'",
            "\\",
            "\\'\\\\''\\",
            "$(id) `id` ${HOME} !! * ~ # ; & | < > ( ) { } [ ] ? = %",
            "ä€😀\u{85}\u{2028}\u{feff}",
            "end with a line\n",
        ];
        for (program, syntax) in SHELLS {
            for value in values {
                if let Some(read) = as_read_by(program, syntax, value) {
                    assert_eq!(read, value, "{program:?}");
                }
            }
        }
    }
}

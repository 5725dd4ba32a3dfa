//! Every setting: its name in the environment and in settings files, its flag, and whether it belongs
//! to a tenant.

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The name in the environment and in settings files.
    pub(crate) variable: &'static str,
    /// The flags that give it. The help of the first one names the variable.
    flags: &'static [&'static str],
    /// What it is, in a message.
    pub(crate) what: &'static str,
    pub(crate) kind: Kind,
    empty: Empty,
}

/// What a setting is, as far as it decides where the value may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A secret, intended for one tenant.
    Secret,
    /// The name of a file with a secret, intended for one tenant.
    SecretFile,
    /// Intended for one tenant.
    Tenant,
    /// Means the same at every tenant.
    Anywhere,
    /// Read from the environment only, since it chooses where files are.
    EnvironmentOnly,
}

/// What an empty value means. Read from the environment or a file, it also hides what the sources
/// below say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Empty {
    /// Unset; as the value of a flag, a mistake.
    Unset,
    /// Unset, by a flag too: nothing else could switch off what another source says.
    UnsetByFlagToo,
    /// A value like any other.
    Value,
}

impl Kind {
    /// Whether the value is a secret or the name of a file with one.
    pub(crate) fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::SecretFile)
    }
}

impl Setting {
    /// The flags to recommend, as a hint names them. Of a secret's flags the first one takes the
    /// secret itself, which other users of the machine could then see.
    pub(crate) fn recommended_flags(self) -> String {
        match self.flags {
            [_, safe @ ..] if self.is_secret() && !safe.is_empty() => alternatives(safe),
            flags => alternatives(flags),
        }
    }

    /// The flags that give it: `--otp, --otp-stdin or --otp-command`.
    pub(crate) fn all_flags(self) -> String {
        alternatives(self.flags)
    }

    /// The flag that takes the value itself, or the only one.
    pub(crate) fn flag(self) -> &'static str {
        self.flags.first().copied().unwrap_or_default()
    }

    /// Whether the value itself is a secret.
    pub(crate) fn is_secret(self) -> bool {
        self.kind == Kind::Secret
    }

    /// Whether an empty value unsets it.
    pub(crate) fn is_unset_by_empty(self) -> bool {
        self.empty != Empty::Value
    }

    /// Whether it names the tenant.
    pub(crate) fn names_tenant(self) -> bool {
        self == DOMAIN || self == ISSUER
    }

    /// Whether settings files may contain it.
    pub(crate) fn is_in_files(self) -> bool {
        self.kind != Kind::EnvironmentOnly
    }
}

/// What an empty value means, where the list of settings says nothing else.
macro_rules! empty {
    () => {
        Empty::Unset
    };
    ($empty:ident) => {
        Empty::$empty
    };
}

/// `a, b or c`.
fn alternatives(flags: &[&str]) -> String {
    match flags {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        flags => flags.concat(),
    }
}

/// Declares the settings and the list of them all.
macro_rules! settings {
    ($(
        $name:ident = $variable:literal, $flags:expr, $what:literal, $kind:ident
        $(, empty $empty:ident)?;
    )*) => {
        $(pub(crate) const $name: Setting = Setting {
            variable: $variable,
            flags: &$flags,
            what: $what,
            kind: Kind::$kind,
            empty: empty!($($empty)?),
        };)*

        /// All settings. Only these are read from a settings file.
        pub(crate) const ALL: &[Setting] = &[$($name),*];
    };
}

settings! {
    DOMAIN = "AUTH0_DOMAIN", ["--domain"], "tenant", Tenant;
    ISSUER = "AUTH0_ISSUER", ["--issuer"], "issuer", Tenant;
    CLIENT_ID = "AUTH0_CLIENT_ID", ["--client-id"], "client ID", Tenant;
    CLIENT_SECRET = "AUTH0_CLIENT_SECRET", ["--client-secret-file"],
        "client secret", Secret, empty Value;
    CLIENT_SECRET_FILE = "AUTH0_CLIENT_SECRET_FILE", ["--client-secret-file"],
        "client secret file", SecretFile;
    CLIENT_AUTH = "AUTH0_CLIENT_AUTH", ["--client-auth"], "client authentication method", Tenant;
    CLIENT_KEY_FILE = "AUTH0_CLIENT_KEY_FILE", ["--client-key-file"], "private key", SecretFile;
    CLIENT_KEY_ID = "AUTH0_CLIENT_KEY_ID", ["--client-key-id"], "key ID", Tenant;
    AUDIENCE = "AUTH0_AUDIENCE", ["--audience"], "audience", Tenant;
    SCOPE = "AUTH0_SCOPE", ["--scope"], "scope", Anywhere, empty UnsetByFlagToo;
    ORGANIZATION = "AUTH0_ORGANIZATION", ["--organization"], "organization", Tenant;
    REALM = "AUTH0_REALM", ["--realm"], "realm", Tenant, empty UnsetByFlagToo;
    ALGORITHM = "AUTH0_ALGORITHM", ["--algorithm"], "algorithm", Tenant;
    FORWARDED_FOR = "AUTH0_FORWARDED_FOR", ["--forwarded-for"], "user's IP address", Anywhere;
    MANAGEMENT_AUDIENCE = "AUTH0_MANAGEMENT_AUDIENCE",
        ["--management-audience"], "audience of the Management API", Tenant;
    EMAIL = "PADLOCK_EMAIL", ["--email"], "e-mail address", Tenant;
    PASSWORD = "PADLOCK_PASSWORD",
        ["--password", "--password-stdin", "--password-file", "--password-command"],
        "password", Secret;
    PASSWORD_FILE = "PADLOCK_PASSWORD_FILE", ["--password-file"], "password file", SecretFile;
    OTP = "PADLOCK_OTP", ["--otp", "--otp-stdin", "--otp-command"], "one-time code", Secret;
    TOTP_SECRET_FILE = "PADLOCK_TOTP_SECRET_FILE", ["--totp-secret-file"],
        "TOTP secret file", SecretFile;
    STORE = "PADLOCK_STORE", ["--store"], "store", EnvironmentOnly;
    PROFILE = "PADLOCK_PROFILE", ["--profile"], "profile", EnvironmentOnly;
    CA_FILE = "PADLOCK_CA_FILE", ["--ca-file"], "CA file", Tenant, empty UnsetByFlagToo;
}

/// The setting whose name is most like this one.
pub(crate) fn nearest(variable: &str) -> Option<&'static Setting> {
    let likeness =
        |setting: &&Setting| strsim::normalized_damerau_levenshtein(setting.variable, variable);
    ALL.iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
}

/// The setting of that name.
pub(crate) fn named(variable: &str) -> Option<&'static Setting> {
    ALL.iter().find(|setting| setting.variable == variable)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::{Arg, Command, CommandFactory};

    use super::*;
    use crate::args::{self, Cli};

    /// A file of the repository.
    fn file(name: &str) -> String {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
    }

    /// The words of a text that are named like a setting.
    fn variables(text: &str) -> Vec<&str> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let words = words.filter(|word| word.starts_with("AUTH0_") || word.starts_with("PADLOCK_"));
        words.collect()
    }

    /// Variables that padlock sets and does not read.
    const SET: [&str; 2] = ["PADLOCK_ACCESS_TOKEN", "PADLOCK_EXPIRES_AT"];

    fn assert_known(text: &str) {
        for variable in variables(text) {
            let is_known = named(variable).is_some() || SET.contains(&variable);
            assert!(is_known, "{variable} is not a setting");
        }
    }

    /// The command line: first the login without a command, then each command.
    fn commands() -> Vec<Command> {
        let mut cli = args::definition();
        cli.build();
        let commands = cli.get_subcommands().cloned().collect();
        [vec![cli], commands].concat()
    }

    /// A flag with its dashes.
    fn flag(argument: &Arg) -> String {
        format!("--{}", argument.get_long().unwrap_or_default())
    }

    fn help(argument: &Arg) -> String {
        let help = argument.get_long_help().or_else(|| argument.get_help());
        help.map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn env_example_lists_every_setting_once_and_no_unknown_one() {
        let text = file(".env.example");
        assert_known(&text);
        let lines = text.lines().map(|line| line.trim_start_matches("# "));
        let names = lines.filter_map(|line| line.split_once('=').map(|(name, _)| name));
        let names: Vec<_> = names.filter(|name| variables(name) == [*name]).collect();
        let expected: Vec<_> = ALL.iter().map(|setting| setting.variable).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn the_readme_lists_every_setting_with_its_flags_and_no_unknown_one() {
        let text = file("README.md");
        assert_known(&text);
        let table = text
            .lines()
            .skip_while(|line| !line.starts_with("| environment "));
        let rows = table.skip(2).take_while(|line| line.starts_with('|'));
        let cells = rows.map(|row| row.split('|').map(str::trim).skip(1).take(2));
        let listed: Vec<String> = cells.map(|two| two.collect::<Vec<_>>().join(" ")).collect();
        let row =
            |setting: &Setting| format!("`{}` `{}`", setting.variable, setting.flags.join("`, `"));
        let expected: Vec<String> = ALL.iter().map(row).collect();
        assert_eq!(listed, expected);
    }

    #[test]
    fn every_flag_of_a_setting_exists_and_the_help_of_the_first_names_the_variable() {
        let login = &commands()[0];
        let find = |name: &str| login.get_arguments().find(|one| flag(one) == name);
        for setting in ALL {
            for name in setting.flags {
                assert!(find(name).is_some(), "no flag {name}");
            }
            let help = find(setting.flags[0]).map(help).unwrap_or_default();
            let variable = format!("[env: {}", setting.variable);
            assert!(help.contains(&variable), "{variable} in {help}");
        }
    }

    #[test]
    fn help_names_a_variable_only_at_its_own_flag_and_no_unknown_one() {
        for mut command in commands() {
            assert_known(&command.render_long_help().to_string());
            for argument in command.get_arguments() {
                for variable in variables(&help(argument)) {
                    let setting = named(variable).expect("a setting");
                    assert_eq!(setting.flags[0], flag(argument), "{variable}");
                }
            }
        }
    }

    #[test]
    fn a_flag_takes_an_empty_value_only_where_that_unsets_the_setting() {
        // These are refused where they are read.
        let later = [PASSWORD, OTP, PROFILE];
        for setting in ALL.iter().filter(|setting| !later.contains(setting)) {
            let argument = format!("{}=", setting.flag());
            let is_taken = Cli::command().try_get_matches_from(["padlock", &argument]);
            assert_eq!(
                is_taken.is_ok(),
                setting.empty == Empty::UnsetByFlagToo,
                "{argument}"
            );
        }
    }

    #[test]
    fn no_hint_recommends_a_secret_on_the_command_line() {
        assert_eq!(
            PASSWORD.recommended_flags(),
            "--password-stdin, --password-file or --password-command"
        );
        assert_eq!(OTP.recommended_flags(), "--otp-stdin or --otp-command");
        assert_eq!(CLIENT_SECRET.recommended_flags(), "--client-secret-file");
    }
}

//! The help: one screen for -h, and for every command its examples and what it shares with others.
//!
//! None of this is part of the definition that a run parses with, which it would only slow down.

use clap::Command;

use crate::wrap::wrap;

/// What `padlock -h` prints: at most 40 lines of 80 columns.
const ONE_SCREEN: &str = "\
Sign in to Auth0 or another OpenID provider, verify the id_token, show who you
are

Usage: padlock [OPTIONS] [COMMAND]

Examples:
  padlock setup                    Write your settings by asking, and check them
  padlock -e me@example.com        Sign in with a password, which is asked for
  padlock --browser --save         Sign in with the browser, and stay signed in
  padlock run -- ./report.sh       Run a script with the session's access token

Commands:
  login (the same as no command), client-credentials, token, run, status,
  logout, verify, guard, setup, doctor, profiles, completions, man, version,
  help

Who            -e, --email EMAIL           E-mail address or user name
               --browser, --device         Sign in without a password
Password       --password-stdin, --password-file FILE,
               --password-command COMMAND
Second factor  --otp CODE, --otp-command COMMAND, --totp-secret-file FILE
               --factor FACTOR             Which one, if the account has several
Tenant         --domain DOMAIN             Such as acme.eu.auth0.com
               --issuer URL                Any other OpenID provider
               --profile NAME              Settings that are saved by this name
Application    --client-id ID, --client-secret-file FILE
               --audience API              What the access token is for
               --scope SCOPES              Default: openid profile email
Output         -o, --output FORMAT         table, json, access-token, env, ...
               --claim NAME                Print only this claim
               --save                      Keep the session, for token and run
Requirements   --require-scope SCOPE, --require-permission PERMISSION,
               --require-role ROLE, --require-claim NAME[=VALUE]
Network        --ca-file FILE, --timeout SECONDS
General        --no-input, --error-format json, -v, --verbose, -V, --version

All options and exit codes: padlock --help. Of a command: padlock help COMMAND
";

const SETTINGS: &str = "\
Settings come from flags, the file given by --env-file or --profile, the
environment, the profile named by PADLOCK_PROFILE, .env in the working
directory, and default.env in the configuration folder; each overrides those
after it. Use -v to see where each came from.
";

const GUARD_SETTINGS: &str = "\
Which tokens are accepted is decided by flags alone. The environment and
settings files give only the CA file.
";

const VERIFY_SETTINGS: &str = "\
Which tokens are accepted is decided by flags alone. The environment and
settings files give only the CA file, and the application that asks for roles.
";

const EXIT_CODES: &str = "
Exit codes:
    0  success
    1  internal error
    2  invalid usage or settings
    3  wrong credentials
    4  second factor required
    5  refused by the tenant
    6  too many attempts or requests
    7  unreachable, or invalid response
    8  the token failed verification
    9  requirements are not met
   10  no saved session
  126  run: the command cannot be executed
  127  run: there is no such command
  130  interrupted
";

const LOGIN: &str = "\
Examples:
  Sign in, and see who you are; the password is asked for:
    padlock --email me@example.com
  A token for a script, with the password from a password manager:
    padlock -e me@example.com --password-command 'pass auth0' -o access-token
  Call an API without showing the token to other users of this machine:
    padlock -e me@example.com -o curl | curl --config - https://api.example.com/
  Keep the session, for padlock token and padlock run:
    padlock --browser --save
";

const CLIENT_CREDENTIALS: &str = "\
Examples:
  A token for an API, from the cache while it is valid:
    padlock client-credentials --audience https://api.example.com
  A header for an HTTP client, with a new token:
    padlock client-credentials --audience https://api.example.com --fresh -o header
";

const TOKEN: &str = "\
Examples:
  Call an API with the saved session:
    padlock token -o curl | curl --config - https://api.example.com/
  A token for another API, valid for at least ten minutes:
    padlock token --audience https://other.example.com --min-ttl 600
  Set PADLOCK_ACCESS_TOKEN in this shell:
    eval \"$(padlock token -o env)\"
";

const RUN: &str = "\
Examples:
  Run a script that reads PADLOCK_ACCESS_TOKEN:
    padlock run -- ./report.sh
  Give the token to a program under the name that it reads:
    padlock run --token-env GITLAB_TOKEN -- glab repo list
  Run a job with a token for the application itself:
    padlock run --with client-credentials --audience API -- ./nightly-job
";

const STATUS: &str = "\
Examples:
  Who is signed in, and for how long:
    padlock status
  All saved sessions, for a program:
    padlock status --all -o json
";

const LOGOUT: &str = "\
Examples:
  End the session at the tenant, and delete it here:
    padlock logout
  Delete all sessions here, without the network:
    padlock logout --all --local
";

const VERIFY: &str = "\
Examples:
  Verify an access token of an Auth0 tenant:
    padlock verify --issuer https://acme.eu.auth0.com/ \\
        --audience https://api.example.com <token.txt
  Require a scope; the exit code is the result:
    padlock verify -q --issuer https://acme.eu.auth0.com/ \\
        --audience https://api.example.com --require-scope read:orders <token.txt
  Verify offline, with a key from a file:
    padlock verify --key-file key.pem --any-audience <token.txt
";

const GUARD: &str = "\
Examples:
  Answer nginx, which asks for each request, with the keys of an Auth0 tenant:
    padlock guard --listen 127.0.0.1:9000 --issuer https://acme.eu.auth0.com/ \\
        --audience https://api.example.com --pass-claim sub=X-User
  Requests to /admin need a permission too, all others only a valid token:
    padlock guard --listen unix:/run/padlock.sock --audience https://api.example.com \\
        --issuer https://acme.eu.auth0.com/ --check admin --require-permission admin
";

const COMPLETIONS: &str = "\
Examples:
  For bash, with the package bash-completion:
    padlock completions bash >~/.local/share/bash-completion/completions/padlock
  For zsh, in a folder that fpath lists:
    padlock completions zsh >~/.zfunc/_padlock
  For fish:
    padlock completions fish >~/.config/fish/completions/padlock.fish
";

const MAN: &str = "\
Examples:
  Read the manual page:
    padlock man | man -l -
  Install the pages of all commands where man finds them:
    padlock man ~/.local/share/man/man1
";

const SETUP: &str = "\
Examples:
  Be asked for domain and application, so that a bare padlock works from then on:
    padlock setup
  A second set of settings; then: padlock --profile staging
    padlock setup --profile staging
  Without questions, such as in a script; the secret comes from a pipe:
    padlock setup --domain acme.eu.auth0.com --client-id ID --client-secret-file -
";

const PROFILES: &str = "\
Examples:
  Which profiles there are, and who is signed in:
    padlock profiles
  The same for a program:
    padlock profiles -o json
";

const DOCTOR: &str = "\
Examples:
  Check everything that a sign-in needs, without signing in:
    padlock doctor
  The same for a profile and a sign-in with the browser, for a program:
    padlock doctor --profile staging --browser -o json
";

/// The definition of the command line with all of its help.
pub(super) fn complete(cli: Command) -> Command {
    documented(cli, "padlock", SETTINGS, LOGIN).mut_subcommands(|command| {
        match command.get_name() {
            "login" => documented(command, "padlock login", SETTINGS, LOGIN),
            "client-credentials" => documented(
                command,
                "padlock client-credentials",
                SETTINGS,
                CLIENT_CREDENTIALS,
            ),
            "token" => documented(command, "padlock token", SETTINGS, TOKEN),
            "run" => documented(command, "padlock run", SETTINGS, RUN),
            "status" => documented(command, "padlock status", SETTINGS, STATUS),
            "logout" => documented(command, "padlock logout", SETTINGS, LOGOUT),
            "setup" => documented(command, "padlock setup", "", SETUP),
            "profiles" => documented(command, "padlock profiles", "", PROFILES),
            "doctor" => documented(command, "padlock doctor", SETTINGS, DOCTOR),
            "verify" => documented(command, "padlock verify", VERIFY_SETTINGS, VERIFY),
            "guard" => documented(command, "padlock guard", GUARD_SETTINGS, GUARD),
            "completions" => documented(command, "padlock completions", "", COMPLETIONS),
            "man" => documented(command, "padlock man", "", MAN),
            _ => command,
        }
    })
}

/// The same, with one screen as the help of a login.
pub(super) fn short(cli: Command) -> Command {
    let width = terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0);
    let text = one_screen_of(width);
    let one_screen = |command: Command| command.override_help(text.clone());
    one_screen(complete(cli)).mut_subcommand("login", one_screen)
}

/// Columns of the groups' names in [`ONE_SCREEN`].
const GROUP: usize = 15;

/// The screen for a terminal that may be narrower.
fn one_screen_of(width: Option<u16>) -> String {
    let is_row = |line: &str| {
        let group = line.get(..GROUP).unwrap_or_default();
        group.ends_with(' ') && (group.trim().is_empty() || !group.starts_with(' '))
    };
    let wrapped = |line: &str| wrap(line, width, if is_row(line) { GROUP } else { 4 });
    ONE_SCREEN.split_inclusive('\n').map(wrapped).collect()
}

fn documented(command: Command, name: &str, settings: &str, examples: &str) -> Command {
    command
        .after_help(format!(
            "{examples}\nExit codes, and where settings come from: {name} --help"
        ))
        .after_long_help(
            format!("{settings}{EXIT_CODES}\n{examples}")
                .trim_start()
                .to_owned(),
        )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::{Cli, definition};

    /// The command lines in a help text, without their continuation, pipes and redirections.
    fn examples(help: &str) -> Vec<Vec<String>> {
        let joined = help.replace("\\\n       ", "");
        let lines = joined.lines().map(str::trim);
        let lines = lines.filter_map(|line| line.find("padlock ").map(|start| &line[start..]));
        let ends = ["  ", " |", " <", " >", ")\""];
        let line = |line: &str| {
            let end = ends.iter().filter_map(|end| line.find(end)).min();
            line[..end.unwrap_or(line.len())].to_owned()
        };
        lines.map(line).map(|line| words(&line)).collect()
    }

    /// The words of a shell's command line.
    fn words(line: &str) -> Vec<String> {
        let parts = line.split('\'').enumerate();
        let words = |(index, part): (usize, &str)| match index % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        };
        parts.flat_map(words).collect()
    }

    fn assert_parses(words: &[String]) {
        if words.iter().any(|word| word.ends_with("help")) {
            return;
        }
        let parsed = Cli::command().try_get_matches_from(words);
        assert!(parsed.is_ok(), "{words:?}: {:?}", parsed.err());
    }

    #[test]
    fn every_example_is_a_valid_command_line() {
        let shown = ONE_SCREEN.split("\n\n").find(|part| part.starts_with("Ex"));
        let shown = examples(shown.unwrap_or_default());
        assert_eq!(shown.len(), 4);
        for words in &shown {
            assert_parses(words);
        }
        let root = definition();
        let commands = [&root].into_iter().chain(root.get_subcommands());
        for help in commands.filter_map(Command::get_after_long_help) {
            let help = help.to_string();
            let (_, shown) = help.split_once("Examples:\n").expect("examples");
            let shown: Vec<_> = shown
                .lines()
                .filter(|line| line.starts_with("    "))
                .collect();
            let shown = examples(&shown.join("\n"));
            assert!(shown.len() >= 2, "{shown:?}");
            for words in &shown {
                assert_parses(words);
            }
        }
    }

    #[test]
    fn the_one_screen_names_every_command_and_only_flags_that_exist() {
        let mut cli = Cli::command();
        cli.build();
        for command in cli.get_subcommands() {
            let name = command.get_name();
            assert!(ONE_SCREEN.contains(name), "{name} is not listed");
        }
        let words = ONE_SCREEN.split(|c: char| !c.is_ascii_alphabetic() && c != '-');
        let flags = words.filter_map(|word| word.strip_prefix("--"));
        for flag in flags.filter(|flag| !flag.is_empty() && *flag != "config") {
            let mut commands = [&cli].into_iter().chain(cli.get_subcommands());
            let has_it =
                |one: &Command| one.get_arguments().any(|arg| arg.get_long() == Some(flag));
            assert!(commands.any(has_it), "--{flag} does not exist");
        }
    }

    #[test]
    fn every_command_has_examples_of_its_own() {
        let root = definition();
        let mut seen = Vec::new();
        for command in root
            .get_subcommands()
            .filter(|one| one.get_name() != "version")
        {
            let help = command.get_after_long_help().expect("examples").to_string();
            let name = format!("padlock {}", command.get_name());
            let is_own = help.contains(&name) || command.get_name() == "login";
            assert!(is_own && !seen.contains(&help), "{name}");
            seen.push(help);
        }
    }
}

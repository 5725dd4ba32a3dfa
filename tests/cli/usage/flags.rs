//! The flags of every command, and what can be wrong with each.

use Flag::{Checked, CheckedTexts, Name, Names, Switch, Switches, Text};

/// A flag, and how it may be used.
#[derive(Clone, Copy)]
pub(super) enum Flag {
    /// Takes any text, once.
    Text(&'static str),
    /// Takes any text but an empty one, once.
    Name(&'static str),
    /// Takes any text but an empty one, any number of times.
    Names(&'static str),
    /// Takes a value of a certain form, such as this one, once.
    Checked(&'static str, &'static str),
    /// Takes values of a certain form, any number of times.
    CheckedTexts(&'static str),
    /// Takes no value, once.
    Switch(&'static str),
    /// Takes no value, any number of times.
    Switches(&'static str),
}

const COMMON: &[Flag] = &[
    Checked("--error-format", "text"),
    Switch("--no-input"),
    Switches("--verbose"),
];

const SETTINGS_FILE: &[Flag] = &[Name("--env-file"), Text("--profile")];

const TENANT: &[Flag] = &[
    Name("--domain"),
    Name("--issuer"),
    Text("--discovery-url"),
    Name("--client-id"),
    Name("--client-secret-file"),
    Name("--audience"),
    Text("--scope"),
    Name("--organization"),
    Text("--ca-file"),
    Checked("--timeout", "1"),
];

const APPLICATION: &[Flag] = &[
    Checked("--client-auth", "none"),
    Name("--client-key-file"),
    Name("--client-key-id"),
    Checked("--client-key-alg", "RS256"),
    CheckedTexts("--parameter"),
    CheckedTexts("--parameter-file"),
];

const REQUIREMENTS: &[Flag] = &[
    Names("--require-scope"),
    Names("--require-permission"),
    Names("--require-role"),
    Names("--require-claim"),
    CheckedTexts("--require-member"),
    Name("--scope-claim"),
    Name("--roles-claim"),
];

const TENANT_ROLES: &[Flag] = &[Switch("--roles-from-tenant"), Name("--management-audience")];

const LOGIN: &[Flag] = &[
    Name("--email"),
    Switch("--browser"),
    Switch("--device"),
    Switch("--no-open"),
    Name("--redirect-uri"),
    Name("--connection"),
    Checked("--prompt", "login"),
    Text("--password"),
    Switch("--password-stdin"),
    Name("--password-file"),
    Name("--password-command"),
    Text("--realm"),
    Checked("--forwarded-for", "203.0.113.7"),
    CheckedTexts("--algorithm"),
    Checked("--client-secret-encoding", "base64"),
    Checked("--leeway", "0"),
    Checked("--max-age", "0"),
    Checked("--output", "tokens"),
    Checked("--shell", "fish"),
    Names("--claim"),
    Switch("--save"),
    Checked("--store", "file"),
    Switch("--all-claims"),
    Switch("--userinfo"),
];

const SECOND_FACTOR: &[Flag] = &[
    Checked("--factor", "otp"),
    Text("--otp"),
    Switch("--otp-stdin"),
    Name("--otp-command"),
    Name("--totp-secret-file"),
];

const SESSION: &[Flag] = &[
    Name("--email"),
    Checked("--store", "file"),
    Checked("--min-ttl", "0"),
    CheckedTexts("--algorithm"),
    Checked("--client-secret-encoding", "base64"),
    Checked("--leeway", "0"),
];

const TOKEN: &[Flag] = &[Checked("--output", "json"), Checked("--shell", "fish")];

const RUN: &[Flag] = &[
    Name("--token-env"),
    CheckedTexts("--claim-env"),
    Checked("--with", "client-credentials"),
    Switch("--keep-env"),
];

const STATUS: &[Flag] = &[
    Switch("--all"),
    Checked("--output", "json"),
    Name("--email"),
    Checked("--store", "file"),
    Name("--domain"),
    Name("--issuer"),
    Name("--client-id"),
];

const LOGOUT: &[Flag] = &[
    Switch("--all"),
    Switch("--local"),
    Name("--email"),
    Checked("--store", "file"),
];

const CLIENT_CREDENTIALS: &[Flag] = &[
    Checked("--output", "tokens"),
    Checked("--shell", "fish"),
    Checked("--min-ttl", "0"),
    Switch("--fresh"),
    Switch("--no-cache"),
];

const SETUP: &[Flag] = &[
    Text("--profile"),
    Name("--domain"),
    Name("--issuer"),
    Name("--client-id"),
    Text("--client-secret-file"),
    Text("--audience"),
    Text("--realm"),
    Text("--ca-file"),
    Checked("--timeout", "1"),
    Switch("--replace"),
    Switch("--no-check"),
];

const PROFILES: &[Flag] = &[Checked("--output", "json")];

const DOCTOR: &[Flag] = &[
    Switch("--browser"),
    Switch("--device"),
    Text("--realm"),
    CheckedTexts("--algorithm"),
    Checked("--output", "json"),
];

const VERIFY: &[Flag] = &[
    Names("--issuer"),
    Name("--jwks"),
    Name("--key-file"),
    Names("--secret-file"),
    Names("--expect-issuer"),
    Switch("--allow-short-secret"),
    Switch("--no-cache"),
    CheckedTexts("--algorithm"),
    Names("--audience"),
    Switch("--any-audience"),
    Name("--authorized-party"),
    Switch("--allow-bound"),
    Checked("--kind", "jwt"),
    Checked("--leeway", "0"),
    Checked("--at", "0"),
    Name("--nonce"),
    Checked("--max-age", "0"),
    Name("--organization"),
    Name("--access-token-file"),
    Checked("--output", "json"),
    Names("--claim"),
    Switch("--quiet"),
    Switch("--stream"),
    Text("--ca-file"),
    Checked("--timeout", "1"),
    Name("--client-id"),
    Name("--client-secret-file"),
];

const GUARD: &[Flag] = &[
    CheckedTexts("--listen"),
    CheckedTexts("--listen-for"),
    Checked("--health-listen", "127.0.0.1:0"),
    Checked("--socket-mode", "0600"),
    CheckedTexts("--pass-claim"),
    Switch("--explain"),
    Names("--issuer"),
    Name("--jwks"),
    Name("--key-file"),
    Names("--secret-file"),
    Names("--expect-issuer"),
    Switch("--no-cache"),
    CheckedTexts("--algorithm"),
    Names("--audience"),
    Name("--authorized-party"),
    Checked("--kind", "jwt"),
    Checked("--leeway", "0"),
    Name("--organization"),
    Names("--check"),
    Text("--ca-file"),
    Checked("--timeout", "1"),
];

/// Each command with its flags.
pub(super) const COMMANDS: [(&[&str], &[&[Flag]]); 14] = [
    (&[], LOGIN_FLAGS),
    (&["login"], LOGIN_FLAGS),
    (
        &["client-credentials"],
        &[
            COMMON,
            SETTINGS_FILE,
            TENANT,
            APPLICATION,
            CLIENT_CREDENTIALS,
        ],
    ),
    (
        &["token"],
        &[
            COMMON,
            SETTINGS_FILE,
            TENANT,
            APPLICATION,
            REQUIREMENTS,
            TENANT_ROLES,
            SECOND_FACTOR,
            SESSION,
            TOKEN,
        ],
    ),
    (
        &["run"],
        &[
            COMMON,
            SETTINGS_FILE,
            TENANT,
            APPLICATION,
            REQUIREMENTS,
            TENANT_ROLES,
            SECOND_FACTOR,
            SESSION,
            RUN,
        ],
    ),
    (&["status"], &[COMMON, SETTINGS_FILE, STATUS]),
    (
        &["logout"],
        &[COMMON, SETTINGS_FILE, TENANT, APPLICATION, LOGOUT],
    ),
    (&["setup"], &[COMMON, SETUP]),
    (&["profiles"], &[COMMON, PROFILES]),
    (
        &["doctor"],
        &[COMMON, SETTINGS_FILE, TENANT, APPLICATION, DOCTOR],
    ),
    (
        &["verify"],
        &[COMMON, SETTINGS_FILE, REQUIREMENTS, TENANT_ROLES, VERIFY],
    ),
    (&["guard"], &[COMMON, SETTINGS_FILE, REQUIREMENTS, GUARD]),
    (&["completions"], &[COMMON]),
    (&["man"], &[COMMON]),
];

const LOGIN_FLAGS: &[&[Flag]] = &[
    COMMON,
    SETTINGS_FILE,
    TENANT,
    APPLICATION,
    REQUIREMENTS,
    TENANT_ROLES,
    SECOND_FACTOR,
    LOGIN,
];

impl Flag {
    pub(super) fn name(self) -> &'static str {
        match self {
            Text(name)
            | Name(name)
            | Names(name)
            | Checked(name, _)
            | CheckedTexts(name)
            | Switch(name)
            | Switches(name) => name,
        }
    }

    /// Arguments that are wrong, and how the message about them begins.
    pub(super) fn mistakes(self) -> Vec<(Vec<String>, String)> {
        let name = self.name();
        let given = |value: &str| vec![name.to_owned(), value.to_owned()];
        let with = |value: &str| vec![format!("{name}={value}")];
        let no_value = (vec![name.to_owned()], format!("{name} requires a value"));
        let empty = (with(""), format!("{name} requires a value"));
        let invalid = format!("invalid value for {name}: expected ");
        let (bad, attached) = ((given(VALUE), invalid.clone()), (with(VALUE), invalid));
        let repeated = format!("{name} is given twice");
        let twice = |once: Vec<String>| ([once.clone(), once].concat(), repeated);
        let unwanted = (with(VALUE), format!("{name} takes no value"));
        match self {
            Text(_) => vec![no_value, twice(given(VALUE))],
            Name(_) => vec![no_value, empty, twice(given(VALUE))],
            Names(_) => vec![no_value, empty],
            Checked(_, valid) => vec![no_value, empty, bad, attached, twice(given(valid))],
            CheckedTexts(_) => vec![no_value, empty, bad, attached],
            Switch(_) => vec![unwanted, twice(vec![name.to_owned()])],
            Switches(_) => vec![unwanted],
        }
    }
}

/// A value that no message may repeat, as it may be a password.
pub(super) const VALUE: &str = "hunter2";

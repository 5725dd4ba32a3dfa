//! Which client authentication is used where several sources give one: the highest source counts.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use tempfile::TempDir;

use crate::program::{padlock, private, says};
use crate::tenant::{CLIENT_ID, EMAIL, TOKEN, Tenant, USER_PASSWORD, client_key_file};

/// Sources of settings, from the highest to the lowest.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Source {
    Flag,
    EnvFile,
    Environment,
    Profile,
}
use Source::{EnvFile, Environment, Flag, Profile};

const SOURCES: [Source; 4] = [Flag, EnvFile, Environment, Profile];

const SECRET: (&str, &str) = ("AUTH0_CLIENT_SECRET", "hunter2-hunter2");
const SECRET_FILE: (&str, &str) = ("AUTH0_CLIENT_SECRET_FILE", "");
const KEY: (&str, &str) = ("AUTH0_CLIENT_KEY_FILE", "");
const NONE: (&str, &str) = ("AUTH0_CLIENT_AUTH", "none");
const BASIC: (&str, &str) = ("AUTH0_CLIENT_AUTH", "client_secret_basic");
const POST: (&str, &str) = ("AUTH0_CLIENT_AUTH", "client_secret_post");
const JWT: (&str, &str) = ("AUTH0_CLIENT_AUTH", "private_key_jwt");

type Setting = (&'static str, &'static str);

/// A folder for the files of a run.
struct Run(TempDir);

impl Run {
    fn new() -> Self {
        let run = Self(tempfile::tempdir().unwrap());
        fs::create_dir(run.0.path().join("padlock")).unwrap();
        run.write("secret", SECRET.1);
        run
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.0.path().join(name);
        fs::write(&file, text).unwrap();
        private(&file);
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// A login with these settings from these sources.
    fn login(&self, tenant: &Tenant, given: &[(Source, &[Setting])]) -> Command {
        let mut login = padlock();
        login.args(["--domain", tenant.url(), "--client-id", CLIENT_ID]);
        login.args(["--email", EMAIL, "--password", USER_PASSWORD]);
        login.env("XDG_CONFIG_HOME", self.0.path());
        for (source, settings) in given {
            self.give(&mut login, *source, settings);
        }
        login
    }

    fn give(&self, login: &mut Command, source: Source, settings: &[Setting]) {
        let key = private(&client_key_file(jsonwebtoken::Algorithm::ES256))
            .display()
            .to_string();
        let values = settings.iter().map(|(name, value)| match *name {
            "AUTH0_CLIENT_KEY_FILE" => (*name, key.clone()),
            "AUTH0_CLIENT_SECRET_FILE" => (*name, self.path("secret")),
            name => (name, (*value).to_owned()),
        });
        let values: Vec<_> = values.collect();
        let lines = values
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"));
        let lines: String = lines.collect();
        match source {
            EnvFile => {
                self.write("ci.env", &lines);
                login.args(["--env-file", &self.path("ci.env")]);
            }
            Profile => {
                self.write("padlock/low.env", &lines);
                login.env("PADLOCK_PROFILE", "low");
            }
            Environment => {
                login.envs(values);
            }
            Flag => {
                for (name, value) in values {
                    match name {
                        "AUTH0_CLIENT_KEY_FILE" => login.args(["--client-key-file", &value]),
                        "AUTH0_CLIENT_AUTH" => login.args(["--client-auth", &value]),
                        _ => login.args(["--client-secret-file", &self.path("secret")]),
                    };
                }
            }
        }
    }
}

/// How the client authenticated in the only request.
fn sent(tenant: &Tenant, login: &mut Command) -> &'static str {
    tenant.clear_requests();
    let output = login.output().unwrap();
    let requests = tenant.requests_to(TOKEN);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let request = requests.first().expect(&stderr);
    let is_basic = request.header("authorization").is_some();
    let has = |field| request.field(field).is_some();
    match (has("client_assertion"), is_basic, has("client_secret")) {
        (true, false, false) => "key",
        (false, true, false) => "basic",
        (false, false, true) => "secret",
        (false, false, false) => "none",
        mixed => panic!("{mixed:?}"),
    }
}

/// Every two sources, the higher one first.
fn pairs() -> impl Iterator<Item = (Source, Source)> {
    let below = |high: usize| {
        SOURCES[high + 1..]
            .iter()
            .map(move |low| (SOURCES[high], *low))
    };
    (0..SOURCES.len()).flat_map(below)
}

#[test]
fn a_higher_source_beats_another_kind_of_proof_of_a_lower_one() {
    let (tenant, run) = (Tenant::start(), Run::new());
    for (high, low) in pairs() {
        for (above, below, expected) in [
            (&[SECRET][..], &[KEY][..], "secret"),
            (&[SECRET_FILE], &[KEY], "secret"),
            (&[SECRET], &[KEY, JWT], "secret"),
            (&[SECRET], &[JWT], "secret"),
            (&[SECRET], &[NONE], "secret"),
            (&[SECRET], &[BASIC], "basic"),
            (&[KEY], &[SECRET], "key"),
            (&[KEY], &[SECRET_FILE, BASIC], "key"),
            (&[KEY], &[NONE], "key"),
            (&[KEY], &[POST], "key"),
            (&[NONE], &[SECRET], "none"),
            (&[NONE], &[KEY, JWT], "none"),
            (&[POST], &[SECRET, BASIC], "secret"),
            (&[BASIC], &[SECRET, KEY], "basic"),
            (&[JWT], &[SECRET, KEY], "key"),
        ] {
            let mut login = run.login(&tenant, &[(high, above), (low, below)]);
            let sent = sent(&tenant, &mut login);
            assert_eq!(sent, expected, "{high:?} {above:?} above {low:?} {below:?}");
        }
    }
}

#[test]
fn what_a_higher_source_overrides_is_not_even_read() {
    let (tenant, run) = (Tenant::start(), Run::new());
    let mut login = run.login(&tenant, &[(Flag, &[KEY])]);
    login.env("AUTH0_CLIENT_SECRET_FILE", "/nowhere").arg("-v");
    let log = String::from_utf8(login.output().unwrap().stderr).unwrap();
    assert_eq!(sent(&tenant, &mut login), "key");
    assert!(
        log.contains("AUTH0_CLIENT_KEY_FILE from --client-key-file"),
        "{log}"
    );
    assert!(!log.contains("AUTH0_CLIENT_SECRET"), "{log}");
    let mut login = run.login(&tenant, &[(Flag, &[SECRET]), (Environment, &[JWT])]);
    login.env("AUTH0_CLIENT_KEY_FILE", "/nowhere").arg("-v");
    let log = String::from_utf8(login.output().unwrap().stderr).unwrap();
    assert_eq!(sent(&tenant, &mut login), "secret");
    let unused = ["AUTH0_CLIENT_KEY_FILE", "AUTH0_CLIENT_AUTH"];
    assert!(!unused.iter().any(|name| log.contains(name)), "{log}");
}

#[test]
fn a_secret_and_a_key_of_the_same_source_are_a_usage_error_that_names_both() {
    let (tenant, run) = (Tenant::start(), Run::new());
    for source in SOURCES {
        for secret in [SECRET, SECRET_FILE] {
            let mut login = run.login(&tenant, &[(source, &[secret, KEY])]);
            let (secret, key, place) = match source {
                Flag => (
                    "--client-secret-file",
                    "--client-key-file",
                    "given".to_owned(),
                ),
                EnvFile => (secret.0, KEY.0, format!("set in {}", run.path("ci.env"))),
                Environment => (secret.0, KEY.0, "set in the environment".to_owned()),
                Profile => (secret.0, KEY.0, "set in profile low".to_owned()),
            };
            let message = format!("{secret} and {key} are both {place}");
            let hint = "hint: remove one of them, or choose with --client-auth";
            let refused = login.assert().code(2);
            refused.stderr(says(&message).and(says(hint)).and(says(SECRET.1).not()));
        }
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn a_method_chooses_between_a_secret_and_a_key_of_the_same_source() {
    let (tenant, run) = (Tenant::start(), Run::new());
    for source in &SOURCES[1..] {
        for (method, expected) in [(POST, "secret"), (BASIC, "basic"), (JWT, "key")] {
            for chosen_by in SOURCES {
                let mut login = if chosen_by == *source {
                    run.login(&tenant, &[(*source, &[SECRET, KEY, method])])
                } else {
                    run.login(
                        &tenant,
                        &[(*source, &[SECRET, KEY]), (chosen_by, &[method])],
                    )
                };
                let sent = sent(&tenant, &mut login);
                assert_eq!(sent, expected, "{source:?} {method:?} by {chosen_by:?}");
            }
        }
    }
}

#[test]
fn a_secret_that_hs256_needs_does_not_contradict_a_key() {
    let (tenant, run) = (Tenant::start(), Run::new());
    for source in SOURCES {
        run.write("secret", &"s".repeat(32));
        let secret = ("AUTH0_CLIENT_SECRET", "ssssssssssssssssssssssssssssssss");
        let mut login = run.login(&tenant, &[(source, &[secret, KEY])]);
        login.args(["--algorithm", "HS256"]);
        assert_eq!(sent(&tenant, &mut login), "key", "{source:?}");
    }
}

#[test]
fn a_typed_proof_that_the_typed_method_does_not_use_is_refused() {
    let (tenant, run) = (Tenant::start(), Run::new());
    for (settings, message) in [
        (
            &[SECRET, NONE][..],
            "--client-secret-file, and another method",
        ),
        (
            &[SECRET, KEY, JWT],
            "--client-secret-file, and another method",
        ),
        (
            &[SECRET, KEY, POST],
            "--client-key-file, and another method",
        ),
        (&[KEY, BASIC], "--client-key-file, and another method"),
    ] {
        let mut login = run.login(&tenant, &[(Flag, settings)]);
        login.assert().code(2).stderr(says(message));
    }
    assert_eq!(tenant.requests().len(), 0);
}

#[test]
fn an_id_for_the_key_asks_for_the_key_of_a_lower_source() {
    let (tenant, run) = (Tenant::start(), Run::new());
    let mut login = run.login(&tenant, &[(Environment, &[SECRET, KEY])]);
    login.args(["--client-key-id", "k"]);
    assert_eq!(sent(&tenant, &mut login), "key");
    assert!(Path::new(&run.path("secret")).exists());
}

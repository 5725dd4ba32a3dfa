//! Everything that each server offers: every algorithm, both client authentications, mistakes,
//! tokens of the application, sessions, tampered tokens. Prints a table of what each server does.

use assert_cmd::Command;

use crate::server::{SECRET, Server, claims};
use crate::session::assert_keeps_a_session;

/// A server, and what is known of it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Subject {
    name: &'static str,
    /// Algorithms, each with the end of the client's name; if `is_one_per_start`, the server is
    /// started once for each, with the variable `ALG`.
    algorithms: &'static [(&'static str, &'static str)],
    is_one_per_start: bool,
    /// Algorithms that the server offers and padlock does not accept here, each with the end of the
    /// client's name: a secret of 60 bytes is too short for HS512 (RFC 7518 §3.2), and a token
    /// without a signature proves nothing.
    refused: &'static [(&'static str, &'static str)],
    /// Where the discovery document is, below the issuer, if not at the usual place.
    discovery: Option<&'static str>,
    /// Whether it has TLS with a certificate authority of its own.
    has_tls: bool,
    key_set: &'static str,
    /// The exit codes after a wrong password and a wrong client secret.
    wrong_password: i32,
    wrong_secret: i32,
    /// The scope of an access token for the application.
    application_scope: &'static str,
    has_sessions: bool,
    /// Whether users sign in to it as an Auth0 domain, since its discovery document is wrong: it lists RS256
    /// alone, whatever the server signs with.
    is_domain: bool,
}

const DOORKEEPER: Subject = Subject {
    name: "doorkeeper",
    algorithms: &[
        ("RS256", ""),
        ("RS384", ""),
        ("RS512", ""),
        ("ES256", ""),
        ("HS256", ""),
        ("HS384", ""),
    ],
    is_one_per_start: true,
    refused: &[("HS512", "")],
    discovery: None,
    has_tls: false,
    key_set: "oauth/discovery/keys",
    wrong_password: 3,
    wrong_secret: 5,
    application_scope: "read:things",
    has_sessions: true,
    is_domain: false,
};

const LEMONLDAP_NG: Subject = Subject {
    name: "lemonldap-ng",
    algorithms: &[("RS256", ""), ("RS512", "-rs512"), ("HS256", "-hs256")],
    is_one_per_start: false,
    refused: &[("HS512", "-hs512"), ("RS256", "-none")],
    key_set: "oauth2/jwks",
    application_scope: "profile",
    ..DOORKEEPER
};

const GLEWLWYD: Subject = Subject {
    name: "glewlwyd",
    algorithms: &[
        ("RS256", ""),
        ("PS256", "-ps256"),
        ("ES256", "-es256"),
        ("EdDSA", "-eddsa"),
        ("HS256", "-hs256"),
    ],
    is_one_per_start: false,
    refused: &[],
    discovery: Some("api/oidc/.well-known/openid-configuration"),
    key_set: "api/oidc/jwks",
    wrong_password: 5,
    ..DOORKEEPER
};

const OIDC_PROVIDER: Subject = Subject {
    name: "oidc-provider",
    algorithms: GLEWLWYD.algorithms,
    is_one_per_start: false,
    refused: &[],
    key_set: "/jwks",
    application_scope: "",
    ..DOORKEEPER
};

const AUTH0_SIMULATOR: Subject = Subject {
    name: "auth0-simulator",
    algorithms: &[("RS256", "")],
    is_one_per_start: false,
    refused: &[],
    has_tls: true,
    key_set: ".well-known/jwks.json",
    wrong_password: 5,
    // It checks no client.
    wrong_secret: 0,
    application_scope: "",
    // It cannot refresh a login by password.
    has_sessions: false,
    ..DOORKEEPER
};

const OAUTH2_MOCK_SERVER: Subject = Subject {
    name: "oauth2-mock-server",
    algorithms: &[
        ("RS256", ""),
        ("RS384", ""),
        ("RS512", ""),
        ("PS256", ""),
        ("ES256", ""),
        ("ES384", ""),
        ("ES512", ""),
        ("EdDSA", ""),
    ],
    refused: &[],
    key_set: ".well-known/jwks.json",
    application_scope: "",
    is_domain: true,
    ..DOORKEEPER
};

/// A running server with one of its algorithms.
struct Running<'s> {
    subject: &'s Subject,
    server: &'s Server,
    algorithm: &'static str,
    client: String,
}

impl Running<'_> {
    /// padlock with the settings for this server and client.
    fn padlock(&self, arguments: &[&str]) -> Command {
        let mut command = self.server.padlock();
        command
            .env_remove("AUTH0_DOMAIN")
            .env("AUTH0_ISSUER", &self.server.issuer)
            .env("AUTH0_CLIENT_ID", &self.client)
            .args(arguments);
        if self.subject.has_tls {
            command.env("PADLOCK_CA_FILE", self.server.scratch.join("tls/ca.pem"));
        }
        command
    }

    fn login(&self, password: &str, arguments: &[&str]) -> Command {
        let mut command = self.padlock(&["--email", "robin@percy.test", "--password", password]);
        command
            .env("AUTH0_ALGORITHM", self.algorithm)
            .args(arguments);
        if let Some(path) = self.subject.discovery {
            let document = format!("{}{path}", self.server.issuer);
            command.args(["--discovery-url", &document]);
        }
        if self.subject.is_domain {
            command
                .env_remove("AUTH0_ISSUER")
                .env("AUTH0_DOMAIN", &self.server.issuer);
        }
        command
    }

    /// The row of the table, once everything is as expected.
    fn check(&self) -> String {
        for method in ["client_secret_post", "client_secret_basic"] {
            let claims = claims(&mut self.login("pa55word", &["--client-auth", method]));
            assert_eq!(claims["iss"], self.server.issuer.as_str(), "{method}");
        }
        self.assert_exit(
            "wrong password",
            &mut self.login("wrong", &[]),
            self.subject.wrong_password,
        );
        let mut wrong = self.login("pa55word", &[]);
        wrong.env("AUTH0_CLIENT_SECRET", "x".repeat(SECRET.len()));
        // With HS256 a server that does not check the secret is found out by its id_token.
        self.assert_exit("wrong secret", &mut wrong, self.subject.wrong_secret);
        let mut application = self.padlock(&[
            "client-credentials",
            "--scope",
            self.subject.application_scope,
        ]);
        if let Some(path) = self.subject.discovery {
            let document = format!("{}{path}", self.server.issuer);
            application.args(["--discovery-url", &document]);
        }
        self.assert_exit("client credentials", &mut application, 0);
        self.assert_finds_a_changed_token();
        format!(
            "| {} | {} | {} | post, Basic | {} | {} | yes | refused (8) |",
            self.subject.name,
            self.algorithm,
            self.client,
            self.subject.wrong_password,
            self.subject.wrong_secret
        )
    }

    /// The row of an algorithm that padlock does not accept.
    fn check_refused(&self) -> String {
        let output = self.login("pa55word", &[]).output().unwrap();
        let code = output.status.code().unwrap_or_default();
        assert!(
            [2, 8].contains(&code) && output.stdout.is_empty(),
            "{output:?}"
        );
        let stderr = String::from_utf8_lossy(&output.stderr);
        let message = stderr.lines().next().unwrap_or_default();
        format!(
            "| {} | {} | {} | refused ({code}): {message} |",
            self.subject.name, self.algorithm, self.client
        )
    }

    fn assert_exit(&self, what: &str, command: &mut Command, expected: i32) {
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let found = output.status.code();
        let place = format!("{} {}: {what}: {stderr}", self.subject.name, self.algorithm);
        assert_eq!(found, Some(expected), "{place}");
    }

    /// The id_token is valid, and with any part of its signature or payload changed it is not.
    fn assert_finds_a_changed_token(&self) {
        let output = self
            .login("pa55word", &["--output", "id-token"])
            .output()
            .unwrap();
        let token = String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned();
        let verify = |token: &str| {
            let mut verify = self.padlock(&["verify", "--kind", "id-token", "--no-cache"]);
            verify.args(["--audience", &self.client, "--algorithm", self.algorithm]);
            let issuer = &self.server.issuer;
            verify.args(["--expect-issuer", issuer]);
            if self.algorithm.starts_with("HS") {
                let secret = self.server.scratch.join("client-secret");
                std::fs::write(&secret, SECRET).unwrap();
                verify.arg("--secret-file").arg(secret);
            } else {
                verify.args(["--jwks", &format!("{issuer}{}", self.subject.key_set)]);
            }
            verify.arg(token);
            verify
        };
        self.assert_exit("its id_token", &mut verify(&token), 0);
        for part in [1, 2] {
            let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
            let changed = if parts[part].as_bytes()[9] == b'A' {
                "B"
            } else {
                "A"
            };
            parts[part].replace_range(9..10, changed);
            self.assert_exit("a changed token", &mut verify(&parts.join(".")), 8);
        }
    }
}

#[expect(clippy::print_stdout, reason = "the table is a result")]
fn check(subject: &Subject) {
    let mut all = vec![];
    all.extend(subject.algorithms.iter().map(|one| (*one, true)));
    all.extend(subject.refused.iter().map(|one| (*one, false)));
    let per_start = if subject.is_one_per_start {
        1
    } else {
        all.len()
    };
    for group in all.chunks(per_start) {
        let ((first, _), _) = group[0];
        let Some(server) = Server::start(subject.name, &[("ALG", first)]) else {
            return;
        };
        for &((algorithm, client), is_accepted) in group {
            let client = format!("padlock-cli{client}");
            let running = Running {
                subject,
                server: &server,
                algorithm,
                client,
            };
            if !is_accepted {
                println!("{}", running.check_refused());
                continue;
            }
            println!("{}", running.check());
            if subject.has_sessions && algorithm == "RS256" {
                let login = || running.login("pa55word", &[]);
                assert_keeps_a_session(&server, login, &server.issuer);
                println!(
                    "| {} | session: saved, renewed twice, revoked |",
                    subject.name
                );
            }
        }
    }
}

#[test]
fn doorkeeper() {
    check(&DOORKEEPER);
}

#[test]
fn lemonldap_ng() {
    check(&LEMONLDAP_NG);
}

#[test]
fn glewlwyd() {
    check(&GLEWLWYD);
}

#[test]
fn oidc_provider() {
    check(&OIDC_PROVIDER);
}

#[test]
fn auth0_simulator() {
    check(&AUTH0_SIMULATOR);
}

#[test]
fn oauth2_mock_server() {
    check(&OAUTH2_MOCK_SERVER);
}

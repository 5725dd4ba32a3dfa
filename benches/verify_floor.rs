//! The floor for `padlock verify`: the crypto library's bare signature check, and tokens to check.
//!
//! - `make COUNT FOLDER [ISSUER ISSUERS]` writes `tokens` and `jwks.json`; with ISSUERS, these are the
//!   tokens of that many in turn, named ISSUER0, ISSUER1 and so on.
//! - `floor FOLDER THREADS` verifies only the signatures; prints wall and CPU time, µs per token.
//! - `compare RUNS FIRST… -- SECOND…` runs two commands in turn and compares their wall times.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops at the first error"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// 2100-01-01, so that token files stay valid.
const EXPIRY: i64 = 4_102_444_800;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["make", count, folder] => make(
            count.parse().expect("a number of tokens"),
            Path::new(folder),
            &|_| "https://acme.eu.auth0.com/".to_owned(),
        ),
        ["make", count, folder, issuer, issuers] => {
            let issuers: usize = issuers.parse().expect("a number of issuers");
            make(
                count.parse().expect("a number of tokens"),
                Path::new(folder),
                &|number| format!("{issuer}{}", number % issuers),
            );
        }
        ["floor", folder, threads] => floor(
            Path::new(folder),
            threads.parse().expect("a number of threads"),
        ),
        ["compare", runs, commands @ ..] => {
            let (first, second) = commands.split_at(
                commands
                    .iter()
                    .position(|word| *word == "--")
                    .expect("a -- between the commands"),
            );
            compare(runs.parse().expect("a number of runs"), first, &second[1..]);
        }
        _ => println!(
            "usage: make COUNT FOLDER [ISSUER ISSUERS] | floor FOLDER THREADS | compare RUNS FIRST… -- SECOND…"
        ),
    }
}

/// The issuer of the token of a number.
type IssuerOf<'a> = &'a (dyn Fn(usize) -> String + Sync);

fn make(count: usize, folder: &Path, issuer: IssuerOf<'_>) {
    let pem = include_str!("../tests/tenant/keys/current.pem");
    let pem: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(pem).expect("the key file is PEM");
    let key = RsaKeyPair::from_der(&der)
        .or_else(|_| RsaKeyPair::from_pkcs8(&der))
        .expect("an RSA key");
    fs::create_dir_all(folder).expect("the folder can be created");
    let keys = json!({ "keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "bench", "e": "AQAB",
        "n": URL_SAFE_NO_PAD.encode(key.public_key().modulus().big_endian_without_leading_zero()),
    }] });
    fs::write(folder.join("jwks.json"), keys.to_string()).expect("jwks.json can be written");
    let half = count / 2;
    let text = thread::scope(|scope| {
        let first = scope.spawn(|| tokens(&key, 0..half, issuer).expect("signed tokens"));
        let second = tokens(&key, half..count, issuer).expect("signed tokens");
        first.join().expect("no panic") + &second
    });
    fs::write(folder.join("tokens"), text).expect("the tokens can be written");
}

/// Distinct access tokens like Auth0's.
fn tokens(
    key: &RsaKeyPair,
    numbers: std::ops::Range<usize>,
    issuer: IssuerOf<'_>,
) -> Option<String> {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT","kid":"bench"}"#);
    let mut text = String::new();
    for number in numbers {
        let claims = json!({
            "https://acme.example/roles": ["editor", "auditor"],
            "iss": issuer(number), "sub": format!("auth0|{number:024x}"),
            "aud": ["https://api.acme.example/", "https://acme.eu.auth0.com/userinfo"],
            "iat": 1_767_225_600, "exp": EXPIRY,
            "scope": "openid profile email read:orders write:orders",
            "azp": "lHCXkVYT5pEbXvjEPJjgr4UyyrD1vTWg",
            "permissions": ["read:orders", "write:orders", "read:invoices"],
        });
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            signed.as_bytes(),
            &mut signature,
        )
        .ok()?;
        writeln!(text, "{signed}.{}", URL_SAFE_NO_PAD.encode(signature)).ok()?;
    }
    Some(text)
}

fn floor(folder: &Path, threads: usize) {
    let set: Value = serde_json::from_slice(&fs::read(folder.join("jwks.json")).unwrap()).unwrap();
    let octets = |name: &str| {
        URL_SAFE_NO_PAD
            .decode(set["keys"][0][name].as_str().unwrap())
            .unwrap()
    };
    let key = RsaPublicKeyComponents {
        n: octets("n"),
        e: octets("e"),
    };
    let key = key
        .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
        .expect("a public key");
    let text = fs::read_to_string(folder.join("tokens")).expect("the tokens can be read");
    let split = |token: &'static str| token.rsplit_once('.').unwrap();
    let tokens: Vec<(&str, Vec<u8>)> = String::leak(text)
        .lines()
        .map(|token| {
            (
                split(token).0,
                URL_SAFE_NO_PAD.decode(split(token).1).unwrap(),
            )
        })
        .collect();
    let started = Instant::now();
    let verify = |tokens: &[(&str, Vec<u8>)]| {
        for (signed, signature) in tokens {
            key.verify_sig(signed.as_bytes(), signature)
                .expect("a valid signature");
        }
        cpu_time()
    };
    let cpu: Duration = thread::scope(|scope| {
        let parts = tokens
            .chunks(tokens.len().div_ceil(threads))
            .map(|part| scope.spawn(move || verify(part)));
        parts
            .collect::<Vec<_>>()
            .into_iter()
            .map(|part| part.join().expect("no panic"))
            .sum()
    });
    let per_token =
        |time: Duration| (time / u32::try_from(tokens.len()).expect("a u32")).as_secs_f64() * 1e6;
    println!("{:.3} {:.3}", per_token(started.elapsed()), per_token(cpu));
}

/// This thread's CPU time so far, which other programs' work does not affect.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap(),
        time.tv_nsec.try_into().unwrap(),
    )
}

fn compare(runs: usize, first: &[&str], second: &[&str]) {
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        one.push(run(first));
        two.push(run(second));
    }
    one.sort_unstable();
    two.sort_unstable();
    let summary =
        |times: &[Duration]| format!("min {:?}, median {:?}", times[0], times[times.len() / 2]);
    let ratio = |at: usize| two[at].as_secs_f64() / one[at].as_secs_f64();
    println!("first:  {}\nsecond: {}", summary(&one), summary(&two));
    println!(
        "second / first: {:.2} (minima), {:.2} (medians)",
        ratio(0),
        ratio(runs / 2)
    );
}

fn run(command: &[&str]) -> Duration {
    let started = Instant::now();
    let status = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    assert!(
        status.expect("the command starts").success(),
        "{command:?} failed"
    );
    started.elapsed()
}

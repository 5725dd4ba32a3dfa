//! `cargo run --example demo`: a login with the real padlock, against a tenant that lives only on this machine.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program is here to show something"
)]

#[path = "mod.rs"]
mod tenant;

use std::env::{self, consts::EXE_SUFFIX};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{io, thread};

use clap::Parser;
use tenant::{AUDIENCE, EMAIL, Tenant, USER_PASSWORD};

/// Shows a login against a tenant on this machine: no account, no network, no settings.
#[derive(Parser)]
#[command(name = "demo")]
struct Args {
    /// Keep the tenant running, to be used by hand or by scripts, until Ctrl-C
    #[arg(long)]
    serve: bool,
    /// Listen on this port [default: any free one]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Speak HTTPS, with a throw-away root certificate
    #[arg(long)]
    tls: bool,
    /// Sign with the client secret (HS256) instead of the tenant's key
    #[arg(long)]
    hs256: bool,
    /// What its tokens call it, for a tenant that is reached by another address
    #[arg(long)]
    issuer: Option<String>,
}

impl Args {
    fn tenant(&self) -> Tenant {
        let options = Tenant::builder().port(self.port);
        let options = if self.tls { options.tls() } else { options };
        let options = self
            .issuer
            .iter()
            .fold(options, |options, issuer| options.issuer(issuer));
        if self.hs256 { options.hs256() } else { options }.start()
    }
}

fn main() -> io::Result<ExitCode> {
    let args = Args::parse();
    if args.serve {
        serve(&args.tenant());
    }
    let padlock = padlock()?;
    log_in(&padlock, &args.tenant())
}

/// Prints lines for a POSIX shell, and lets the tenant run until the process is ended.
fn serve(tenant: &Tenant) -> ! {
    println!(
        "# A tenant runs at {} until Ctrl-C. In another terminal:",
        tenant.url()
    );
    for (name, value) in tenant.settings() {
        println!("export {name}={value}");
    }
    println!("# then, for example: padlock --email {EMAIL} --password {USER_PASSWORD}");
    println!(
        "# its API is called {AUDIENCE}; a wrong password is refused, ten in a row block the user"
    );
    loop {
        thread::park();
    }
}

fn log_in(padlock: &Path, tenant: &Tenant) -> io::Result<ExitCode> {
    println!("A tenant runs at {}. This logs in to it:\n", tenant.url());
    for (name, value) in tenant.settings() {
        println!("    {name}={value} \\");
    }
    println!("    padlock --email {EMAIL} --password {USER_PASSWORD}\n");
    // An empty folder: a .env where the demo was called is for another tenant.
    let folder = tempfile::tempdir()?;
    let mut login = Command::new(padlock);
    login
        .args(["--email", EMAIL, "--password", USER_PASSWORD])
        .current_dir(folder.path());
    for (name, _) in env::vars_os().filter(|(name, _)| is_setting(&name.to_string_lossy())) {
        login.env_remove(name);
    }
    let status = login.envs(tenant.settings()).status()?;
    if status.success() {
        println!("{NEXT}");
    }
    Ok(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1).into())
}

/// What would lead the login elsewhere, or around by a proxy.
fn is_setting(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with("AUTH0_") || name.starts_with("PADLOCK_") || name.ends_with("_PROXY")
}

const NEXT: &str = "
For your own tenant, take the values from the Auth0 dashboard (Applications > your application > Settings):

    export AUTH0_DOMAIN=acme.eu.auth0.com
    export AUTH0_CLIENT_ID=...
    export AUTH0_CLIENT_SECRET=...
    padlock --email you@example.com

The application needs the Password grant (Advanced Settings > Grant Types), and the tenant a default directory
(Settings > General > API Authorization Settings); without one, name the connection with --realm.
To play with the tenant of this demo by hand: cargo run --example demo -- --serve";

/// The program itself, built first if need be: running an example builds no binaries.
fn padlock() -> io::Result<PathBuf> {
    let demo = env::current_exe()?;
    let profile = demo.ancestors().nth(2).ok_or(io::ErrorKind::NotFound)?;
    let target = profile.parent().ok_or(io::ErrorKind::NotFound)?;
    let name = profile
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .replace("debug", "dev");
    let mut build = Command::new(env!("CARGO"));
    // With the example, so that dependencies keep the features that they were just built with.
    build.args([
        "build",
        "--quiet",
        "--bin",
        "padlock",
        "--example",
        "demo",
        "--profile",
        &name,
        "--target-dir",
    ]);
    // Cargo looks for .cargo/config.toml from where it runs.
    let status = build
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    let padlock = profile.join(format!("padlock{EXE_SUFFIX}"));
    if status.success() {
        Ok(padlock)
    } else {
        Err(io::Error::other("padlock could not be built"))
    }
}

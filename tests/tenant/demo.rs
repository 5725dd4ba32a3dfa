//! `cargo run --example demo`: signs in with the real padlock to a tenant on this machine.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program prints a demonstration"
)]

#[path = "mod.rs"]
mod tenant;

use std::env::{self, consts::EXE_SUFFIX};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{io, thread};

use clap::Parser;
use tenant::{AUDIENCE, EMAIL, Factor, NATIVE_CLIENT_ID, Tenant, TenantOptions, USER_PASSWORD};

/// Sign in to a tenant on this machine: no account, network or settings required
#[derive(Parser)]
#[command(name = "demo")]
struct Args {
    /// Keep the tenant running until Ctrl-C, for use from a shell or a script
    #[arg(long)]
    serve: bool,
    /// Require a second factor, whose code is always this one
    #[arg(long, value_name = "CODE")]
    second_factor: Option<String>,
    /// Listen on this port [default: any free one]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Serve HTTPS with a throwaway root certificate
    #[arg(long)]
    tls: bool,
    /// Sign with the client secret (HS256) instead of the tenant's key
    #[arg(long)]
    hs256: bool,
    /// Issuer of the tokens, if clients reach the tenant at another URL
    #[arg(long)]
    issuer: Option<String>,
}

impl Args {
    fn tenant(&self) -> Tenant {
        let options = Tenant::builder().port(self.port).shows_login_page();
        let options = options.native_client();
        let factor = self.second_factor.iter().map(|code| Factor::otp(code));
        let options = factor.fold(options, TenantOptions::factor);
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

/// Prints settings for a POSIX shell and keeps the tenant running.
fn serve(tenant: &Tenant) -> ! {
    println!(
        "# The tenant runs at {} until Ctrl-C. In another terminal:",
        tenant.url()
    );
    for (name, value) in tenant.settings() {
        println!("export {name}={value}");
    }
    println!("# then, for example: padlock --email {EMAIL} --password {USER_PASSWORD}");
    println!(
        "# or: padlock login --browser, and padlock login --device --client-id {NATIVE_CLIENT_ID} \
         --client-auth none"
    );
    println!(
        "# its API is {AUDIENCE}; a wrong password is rejected, and ten in a row block the user"
    );
    loop {
        thread::park();
    }
}

fn log_in(padlock: &Path, tenant: &Tenant) -> io::Result<ExitCode> {
    println!("A tenant runs at {}. To sign in to it:\n", tenant.url());
    for (name, value) in tenant.settings() {
        println!("    {name}={value} \\");
    }
    println!("    padlock --email {EMAIL} --password {USER_PASSWORD}\n");
    // An empty folder, because a .env in the current one may be for another tenant.
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

/// Whether a variable could direct the login to another tenant or through a proxy.
fn is_setting(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with("AUTH0_") || name.starts_with("PADLOCK_") || name.ends_with("_PROXY")
}

const NEXT: &str = "
For your own tenant, copy the values from the Auth0 dashboard (Applications > your application > Settings):

    export AUTH0_DOMAIN=acme.eu.auth0.com
    export AUTH0_CLIENT_ID=...
    export AUTH0_CLIENT_SECRET=...
    padlock --email you@example.com

Enable the Password grant for the application (Advanced Settings > Grant Types), and set a default directory for
the tenant (Settings > General > API Authorization Settings) or name the connection with --realm.
To keep this demo's tenant running: cargo run --example demo -- --serve";

/// The path of padlock, which Cargo does not build when it runs an example.
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
    // Together with the example, so that no dependency is rebuilt with other features.
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
    // Cargo searches for .cargo/config.toml from its current folder.
    let status = build
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    let padlock = profile.join(format!("padlock{EXE_SUFFIX}"));
    if status.success() {
        Ok(padlock)
    } else {
        Err(io::Error::other("failed to build padlock"))
    }
}

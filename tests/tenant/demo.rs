//! `cargo run --example demo`: signs in with the real padlock to a tenant on this machine.

#[path = "mod.rs"]
mod tenant;

use std::env::{self, consts::EXE_SUFFIX};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;

use clap::Parser;
use tempfile::TempDir;
use tenant::{
    AUDIENCE, DEMO_USERS, EMAIL, Factor, NATIVE_CLIENT_ID, ORDERS, Tenant, TenantOptions,
    USER_PASSWORD, VERSION,
};

/// Of `--serve`: one that the README's examples can name, and that systems give to no client.
const PORT: u16 = 28484;

/// Sign in to a tenant on this machine: no account, network or settings required
#[derive(Parser)]
#[command(name = "demo")]
struct Args {
    /// Keep the tenant running until Ctrl-C, for use from a shell or a script
    #[arg(long)]
    serve: bool,
    /// Require a second factor of robin@percy.test, whose code is always this one
    #[arg(long, value_name = "CODE")]
    second_factor: Option<String>,
    /// Add a scope to the API, which its tokens then grant
    #[arg(long)]
    scope: Option<String>,
    /// Listen on this port [default: 28484 with --serve, else any free one; 0: any free one]
    #[arg(long)]
    port: Option<u16>,
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
    fn port(&self) -> u16 {
        self.port.unwrap_or(if self.serve { PORT } else { 0 })
    }

    fn tenant(&self) -> io::Result<Tenant> {
        let options = Tenant::builder().for_demo().shows_login_page();
        let factor = self.second_factor.iter().map(|code| Factor::otp(code));
        let options = factor.fold(options.port(self.port()), TenantOptions::factor);
        let options = self
            .scope
            .iter()
            .fold(options, |options, scope| options.scope(scope));
        let options = if self.tls { options.tls() } else { options };
        let options = self
            .issuer
            .iter()
            .fold(options, |options, issuer| options.issuer(issuer));
        let options = if self.hs256 { options.hs256() } else { options };
        options.try_start().map_err(|error| {
            let port = self.port();
            let hint = match error.kind() {
                ErrorKind::AddrInUse => "end the other program, perhaps another demo, or choose",
                _ => "choose",
            };
            io::Error::other(format!(
                "cannot listen on port {port} of 127.0.0.1: {error}\n\
                 hint: {hint} another port with --port (0: any free one)"
            ))
        })
    }
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(code) => code,
        Err(error) => {
            drop(writeln!(io::stderr(), "demo: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> io::Result<ExitCode> {
    let folder = tempfile::Builder::new().prefix("padlock-demo-").tempdir()?;
    // Every temporary file is in it, and it is removed however the demo ends.
    drop(tempfile::env::override_temp_dir(folder.path()));
    remove_on_signal(&folder)?;
    let tenant = args.tenant()?;
    let padlock = padlock(args.serve)?;
    if args.serve {
        serve(&padlock, &tenant, args)?;
    }
    log_in(&padlock, &tenant, &folder)
}

/// A process that a signal ends drops nothing.
#[cfg(unix)]
fn remove_on_signal(folder: &TempDir) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
    let folder = folder.path().to_owned();
    thread::spawn(move || {
        for signal in signals.forever() {
            drop(std::fs::remove_dir_all(&folder));
            drop(signal_hook::low_level::emulate_default_handler(signal));
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn remove_on_signal(_: &TempDir) -> io::Result<()> {
    Ok(())
}

/// Prints a block to paste into a POSIX shell, and keeps the tenant running.
fn serve(padlock: &Path, tenant: &Tenant, args: &Args) -> io::Result<()> {
    let mut text = Vec::new();
    write_block(&mut text, padlock, tenant, args)?;
    write_users(&mut text, padlock, tenant, args)?;
    // The tenant stays, even if no one reads this.
    drop(io::stdout().write_all(&text));
    loop {
        thread::park();
    }
}

/// Settings, and commands that run as they are: one for each of the two kinds of tokens.
fn write_block(text: &mut Vec<u8>, padlock: &Path, tenant: &Tenant, args: &Args) -> io::Result<()> {
    let url = tenant.url();
    writeln!(
        text,
        "A tenant runs at {url} until Ctrl-C. Paste this into another terminal:\n\nPATH={}:$PATH",
        quoted(padlock.parent().unwrap_or(padlock))
    )?;
    for (name, value) in tenant.settings() {
        writeln!(text, "export {name}={value}")?;
    }
    write!(text, "padlock --email {EMAIL} --password {USER_PASSWORD}")?;
    if let Some(code) = &args.second_factor {
        write!(text, " --otp {code}")?;
    }
    let ca = if args.tls {
        " --cacert \"$PADLOCK_CA_FILE\""
    } else {
        ""
    };
    writeln!(
        text,
        "\npadlock client-credentials --audience {AUDIENCE} --output curl |\n  \
         curl --silent{ca} --config - {}",
        address(url, VERSION)
    )
}

/// What a person has to know about the rest of the tenant.
fn write_users(text: &mut Vec<u8>, padlock: &Path, tenant: &Tenant, args: &Args) -> io::Result<()> {
    let (url, path) = (tenant.url(), padlock.display());
    writeln!(
        text,
        "\npadlock is {path}. The password of every user is {USER_PASSWORD}:\n"
    )?;
    for (email, about) in DEMO_USERS {
        match &args.second_factor {
            Some(code) if *email == EMAIL => {
                writeln!(text, "  {email:22} code of an authenticator app: {code}")?;
            }
            _ => writeln!(text, "  {email:22} {about}")?,
        }
    }
    writeln!(
        text,
        "\nAccess tokens for {AUDIENCE} are accepted at {}\n\
         and, with the permission read:orders, at {}.\n\
         Other ways to sign in: padlock login --browser, and\n\
         padlock login --device --client-id {NATIVE_CLIENT_ID} --client-auth none\n\
         With --second-factor CODE, {EMAIL} needs that code, too.\n\
         Ten wrong passwords in a row block a user until the demo starts again.",
        address(url, VERSION),
        address(url, ORDERS),
    )
}

/// A path at the tenant, whose URL ends with a slash.
fn address(url: &str, path: &str) -> String {
    format!("{}{path}", url.trim_end_matches('/'))
}

/// A path as one word of a POSIX shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

fn log_in(padlock: &Path, tenant: &Tenant, folder: &TempDir) -> io::Result<ExitCode> {
    let mut out = io::stdout();
    writeln!(
        out,
        "A tenant runs at {}. To sign in to it:\n",
        tenant.url()
    )?;
    for (name, value) in tenant.settings() {
        writeln!(out, "    {name}={value} \\")?;
    }
    writeln!(
        out,
        "    padlock --email {EMAIL} --password {USER_PASSWORD}\n"
    )?;
    // An empty folder, because a .env in the current one may be for another tenant.
    let mut login = Command::new(padlock);
    login
        .args(["--email", EMAIL, "--password", USER_PASSWORD])
        .current_dir(folder.path());
    for (name, _) in env::vars_os().filter(|(name, _)| is_setting(&name.to_string_lossy())) {
        login.env_remove(name);
    }
    let cache = folder.path().join("cache");
    let status = login
        .envs(tenant.settings())
        .env("XDG_CACHE_HOME", cache)
        .status()?;
    if status.success() {
        write!(out, "{NEXT}")?;
    }
    Ok(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1).into())
}

/// Whether a variable could direct the login to another tenant or through a proxy.
fn is_setting(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with("AUTH0_") || name.starts_with("PADLOCK_") || name.ends_with("_PROXY")
}

const NEXT: &str = "
For your own tenant, install padlock and run `padlock setup`, which asks for the values in the Auth0 dashboard
(Applications > your application > Settings) and checks them. Enable the Password grant for the application
(Advanced Settings > Grant Types), and set a default directory for the tenant (Settings > General > API
Authorization Settings) or name the connection with --realm.
To keep this demo's tenant running, for the tutorial in README.md: cargo run --example demo -- --serve
";

/// The path of padlock, which Cargo does not build when it runs an example. Scripts that run this
/// program without Cargo have built what they need.
fn padlock(serve: bool) -> io::Result<PathBuf> {
    let demo = env::current_exe()?;
    let profile = demo.ancestors().nth(2).ok_or(ErrorKind::NotFound)?;
    let padlock = profile.join(format!("padlock{EXE_SUFFIX}"));
    #[expect(clippy::disallowed_methods, reason = "this is no setting of padlock")]
    let is_run_by_cargo = env::var_os("CARGO_MANIFEST_DIR").is_some();
    if is_run_by_cargo || !(serve || padlock.exists()) {
        build(profile)?;
    }
    Ok(padlock)
}

/// Builds padlock with the profile of this folder below the target folder.
fn build(profile: &Path) -> io::Result<()> {
    let target = profile.parent().ok_or(ErrorKind::NotFound)?;
    let name = profile.file_name().unwrap_or_default().to_string_lossy();
    // Together with the example, so that no dependency is rebuilt with other features.
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--bin", "padlock", "--example", "demo"])
        .args(["--profile", &name.replace("debug", "dev"), "--target-dir"])
        .arg(target)
        // Cargo searches for .cargo/config.toml from its current folder.
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other("padlock could not be built"))
    }
}

//! What other processes see of a running padlock: no secret but what was on its command line.

use std::fs;
use std::io::{ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::program::{login_at, process_at};
use crate::tenant::{EMAIL, Factor, Tenant};

const PASSWORD: &str = "hunter2-hunter2";

/// The user ID of the account `nobody` on every Linux.
const NOBODY: u32 = 65534;

/// A login that waits for its tenant, as `/proc` shows it.
struct Waiting {
    child: Child,
    _connection: TcpStream,
}

impl Waiting {
    fn start() -> Self {
        Self::start_with(|_| ())
    }

    fn start_with(change: impl FnOnce(&mut Command)) -> Self {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let tenant = Tenant::start();
        let domain = format!("http://{}", silent.local_addr().unwrap());
        let arguments = ["--email", EMAIL, "--password-stdin", "--domain", &domain];
        let mut login = process_at(&tenant, &arguments);
        login.stdin(Stdio::piped()).stderr(Stdio::null());
        change(&mut login);
        let mut child = login.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(PASSWORD.as_bytes()).unwrap();
        drop(stdin);
        Self {
            child,
            _connection: silent.accept().unwrap().0,
        }
    }

    fn path(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.id())
    }

    /// A file's text, empty where reading it is not allowed.
    fn read(&self, file: &str) -> String {
        match fs::read(self.path(file)) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => String::new(),
            bytes => String::from_utf8_lossy(&bytes.unwrap()).into_owned(),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).unwrap();
    }
}

#[test]
fn a_running_login_exposes_no_password_from_stdin_and_starts_no_process() {
    let login = Waiting::start();
    assert!(!(login.read("cmdline") + &login.read("environ")).contains(PASSWORD));
    let children = login.read(&format!("task/{}/children", login.child.id()));
    assert_eq!(children, "", "no other process could expose it");
}

/// The soft and the hard limit on core dumps.
fn core_limits(limits: &str) -> [String; 2] {
    let core = "Max core file size";
    let line = limits.lines().find(|line| line.starts_with(core)).unwrap();
    let columns: Vec<_> = line.split_whitespace().collect();
    [columns[4], columns[5]].map(str::to_owned)
}

#[test]
fn a_login_that_crashes_leaves_no_core_dump() {
    let [_, hard] = core_limits(&fs::read_to_string("/proc/self/limits").unwrap());
    let expected = ["0".to_owned(), hard];
    assert_eq!(core_limits(&Waiting::start().read("limits")), expected);
}

#[test]
fn a_command_for_the_code_has_the_core_limit_that_padlock_was_started_with() {
    let folder = TempDir::new().unwrap();
    let limits = |name: &str| folder.path().join(name).display().to_string();
    let (outside, inside) = (limits("outside"), limits("inside"));
    let tenant = Tenant::builder().factor(Factor::otp("123456")).start();
    let command = format!("cat /proc/self/limits >{inside}; echo 123456");
    let login = login_at(&tenant);
    // Where no core dumps are allowed at all, the limit stays as it is.
    let script = format!("ulimit -S -c 1; cat /proc/self/limits >{outside}; exec \"$@\"");
    let mut shell = assert_cmd::Command::new("sh");
    shell.args(["-c", &script, "sh"]).arg(login.get_program());
    shell
        .args(login.get_args())
        .args(["--otp-command", &command]);
    for (name, value) in login.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    shell.assert().code(0);
    let [outside, inside] = [outside, inside].map(|file| fs::read_to_string(file).unwrap());
    assert_eq!(core_limits(&inside), core_limits(&outside));
}

#[test]
fn a_running_login_hides_its_memory_and_environment_from_processes_of_the_same_user() {
    let folder = TempDir::new().unwrap();
    let login = Waiting::start_with(|login| {
        if rustix::process::geteuid().is_root() {
            // The copy is in a folder that everybody may enter.
            let program = folder.path().join("padlock");
            fs::copy(login.get_program(), &program).unwrap();
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
            let mut other = Command::new(program);
            other.args(login.get_args()).current_dir("/");
            for (name, value) in login.get_envs() {
                other.env(name, value.unwrap_or_default());
            }
            other.uid(NOBODY).gid(NOBODY);
            other.stdin(Stdio::piped()).stderr(Stdio::null());
            *login = other;
        }
    });
    for file in ["mem", "environ"] {
        let owner = fs::metadata(login.path(file)).unwrap().uid();
        assert_eq!(owner, 0, "{file} belongs to root alone");
    }
}

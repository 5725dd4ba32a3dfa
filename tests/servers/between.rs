//! Logins with another program between padlock and the server: nginx, which ends TLS with a
//! certificate of a private authority, and squid, which asks for credentials.
//!
//! nginx has the server's own host and port, at another loopback address. That address is the
//! host's for padlock alone, which runs in a mount namespace with an `/etc/hosts` of its own. So the
//! issuer stays what the server says it is. Needs root, and nginx, squid and openssl.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::server::{Server, free_port};

/// A program that runs until this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Process::new("sh")
            .arg("-c")
            .arg(format!("kill {}", self.0.id()))
            .status();
        let _ = self.0.wait();
    }
}

/// Starts a program that listens at this address.
fn start(process: &mut Process, address: &str) -> Running {
    let child = process
        .stdout(Stdio::null())
        .spawn()
        .expect("a program that is installed");
    let running = Running(child);
    let limit = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < limit, "nothing listens at {address}");
        sleep(Duration::from_millis(50));
    }
    running
}

fn shell(folder: &Path, script: &str) {
    let status = Process::new("bash")
        .args(["-ec", script])
        .current_dir(folder)
        .status();
    assert!(status.unwrap().success(), "{script}");
}

/// A folder of its own below the server's.
fn folder(server: &Server, name: &str) -> std::path::PathBuf {
    let folder = server.scratch.join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The port of an issuer, which ends with it.
fn port(issuer: &str) -> &str {
    let authority = issuer.trim_end_matches('/');
    authority.rsplit(':').next().expect("a port")
}

const NGINX: &str = "\
daemon off; pid FOLDER/pid; error_log FOLDER/error.log;
events {}
http {
  access_log FOLDER/access.log;
  client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy; fastcgi_temp_path FOLDER/fastcgi;
  uwsgi_temp_path FOLDER/uwsgi; scgi_temp_path FOLDER/scgi;
  server {
    listen 127.0.0.2:PORT ssl http2;
    ssl_certificate FOLDER/chain.pem; ssl_certificate_key FOLDER/leaf.key;
    location / { proxy_pass https://127.0.0.1:PORT; proxy_set_header Host $http_host; }
  }
}
";

/// A root, an intermediate authority, and a certificate for localhost.
const AUTHORITIES: &str = "
openssl req -x509 -newkey rsa:2048 -nodes -days 3 -subj '/CN=private root' -keyout root.key -out root.pem \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
openssl req -newkey rsa:2048 -nodes -subj '/CN=private intermediate' -keyout inter.key -out inter.csr
openssl x509 -req -in inter.csr -CA root.pem -CAkey root.key -CAcreateserial -days 3 -out inter.pem \
  -extfile <(printf 'basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign\\n')
openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout leaf.key -out leaf.csr
openssl x509 -req -in leaf.csr -CA inter.pem -CAkey inter.key -CAcreateserial -days 3 -out leaf.pem \
  -extfile <(printf 'basicConstraints=CA:FALSE\\nsubjectAltName=DNS:localhost\\nextendedKeyUsage=serverAuth\\n')
cat leaf.pem inter.pem >chain.pem
";

#[test]
fn through_nginx_with_tls_and_a_private_authority() {
    let Some(server) = Server::start("oidc-provider", &[("TLS", "1")]) else {
        return;
    };
    let folder = folder(&server, "nginx");
    shell(&folder, &format!("exec 2>openssl.log\n{AUTHORITIES}"));
    let port = port(&server.issuer);
    let place = folder.to_str().unwrap();
    let config = NGINX.replace("FOLDER", place).replace("PORT", port);
    fs::write(folder.join("nginx.conf"), config).unwrap();
    fs::write(folder.join("hosts"), "127.0.0.2 localhost\n").unwrap();
    let mut nginx = Process::new("nginx");
    nginx
        .arg("-p")
        .arg(&folder)
        .arg("-c")
        .arg(folder.join("nginx.conf"));
    let _nginx = start(nginx.stderr(Stdio::null()), &format!("127.0.0.2:{port}"));
    let login = |ca: &Path| {
        let mut login = Command::new("unshare");
        let hosts = folder.join("hosts");
        login
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("XDG_CACHE_HOME", "/dev/null")
            .current_dir(&server.scratch)
            .args([
                "--mount",
                "sh",
                "-ec",
                "mount --bind \"$1\" /etc/hosts; shift; exec \"$@\"",
                "sh",
            ])
            .arg(hosts)
            .arg(env!("CARGO_BIN_EXE_padlock"))
            .args([
                "--email",
                "robin@percy.test",
                "--password",
                "pa55word",
                "--issuer",
            ])
            .args([
                &server.issuer,
                "--client-id",
                "padlock-cli",
                "--client-secret-file",
            ])
            .arg(folder.join("secret"))
            .arg("--ca-file")
            .arg(ca);
        login
    };
    fs::write(folder.join("secret"), crate::server::SECRET).unwrap();
    login(&folder.join("root.pem"))
        .assert()
        .code(0)
        .stdout(contains("Robin Percy"));
    let seen = fs::read_to_string(folder.join("access.log")).unwrap();
    for request in [
        "/.well-known/openid-configuration",
        "POST /token HTTP/2.0\" 200",
        "/jwks",
    ] {
        assert!(seen.contains(request), "{request} in {seen}");
    }
    // The server's own authority did not sign nginx's certificate.
    login(&server.scratch.join("tls/ca.pem"))
        .assert()
        .code(7)
        .stdout("")
        .stderr(contains("certificate"));
}

const SQUID: &str = "\
http_port 127.0.0.1:PROXY
pid_filename none
cache deny all
access_log stdio:FOLDER/access.log
cache_log FOLDER/cache.log
coredump_dir FOLDER
auth_param basic program /usr/lib/squid/basic_ncsa_auth FOLDER/passwords
auth_param basic realm padlock
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache_effective_user proxy
shutdown_lifetime 0 seconds
";

#[test]
fn through_squid_with_credentials() {
    let Some(server) = Server::start("oidc-provider", &[("TLS", "1")]) else {
        return;
    };
    // squid gives up root, and cannot read every folder then.
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let password = "pröxy:p@ss";
    let hashed = Process::new("openssl")
        .args(["passwd", "-apr1", password])
        .output()
        .unwrap();
    let hashed = String::from_utf8(hashed.stdout).unwrap();
    fs::write(folder.join("passwords"), format!("robin:{hashed}")).unwrap();
    let proxy = free_port();
    let config = SQUID.replace("FOLDER", folder.to_str().unwrap());
    let config = config.replace("PROXY", &proxy.to_string());
    fs::write(folder.join("squid.conf"), config).unwrap();
    shell(folder, "chown -R proxy .");
    let mut squid = Process::new("squid");
    let name = format!("padlock{proxy}");
    squid
        .args(["-N", "-n", &name, "-f"])
        .arg(folder.join("squid.conf"));
    let address = format!("127.0.0.1:{proxy}");
    let _squid = start(squid.stderr(Stdio::null()), &address);
    let login = |credentials: &str| {
        let mut login = server.login();
        login
            .env_remove("AUTH0_DOMAIN")
            .env("AUTH0_ISSUER", &server.issuer)
            .env("HTTPS_PROXY", format!("http://{credentials}{address}"));
        login
            .arg("--ca-file")
            .arg(server.scratch.join("tls/ca.pem"));
        login
    };
    login("robin:pr%C3%B6xy%3Ap%40ss@")
        .assert()
        .code(0)
        .stdout(contains("Robin Percy"))
        .stderr("");
    let seen = fs::read_to_string(folder.join("access.log")).unwrap();
    assert!(
        seen.contains("CONNECT") && seen.contains(" robin "),
        "{seen}"
    );
    for refused in ["robin:wrong-proxy-password@", ""] {
        login(refused)
            .assert()
            .code(7)
            .stdout("")
            .stderr(contains("proxy").and(contains("wrong-proxy-password").not()));
    }
}

//! Which roots are trusted, and a fingerprint of their content: what was fetched under other roots
//! must not be used.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::CertificateDer;

use super::roots::{MAX_FILE, RootLocations};

/// The roots that are trusted.
#[derive(Clone, Debug)]
pub(super) struct TrustedRoots {
    /// In addition to those at the locations.
    pub(super) extra: Vec<CertificateDer<'static>>,
    pub(super) locations: RootLocations,
    fingerprint: OnceLock<String>,
}

impl TrustedRoots {
    pub(super) fn new(extra: Vec<CertificateDer<'static>>, locations: RootLocations) -> Self {
        Self {
            extra,
            locations,
            fingerprint: OnceLock::new(),
        }
    }

    /// Identifies the roots by their content. Reads their files when it is first asked for.
    pub(super) fn fingerprint(&self) -> &str {
        self.fingerprint.get_or_init(|| self.digest())
    }

    /// Whether the files still have the content that was fingerprinted. What they had when the
    /// clients read them lies in between.
    pub(super) fn are_unchanged(&self) -> bool {
        self.fingerprint() == self.digest()
    }

    /// Tells whether the roots are the same as in another run without reading them: by what the
    /// system notes of their file and folders. For hints alone, which no trust depends on: a file
    /// that is changed in its folder is not noticed, since to look at 300 of them took a third of the
    /// instructions of a login.
    pub(super) fn stamp(&self) -> String {
        let mut context = Context::new(&SHA256);
        for certificate in &self.extra {
            add(&mut context, certificate);
        }
        for place in self.locations.places() {
            add(&mut context, place.as_os_str().as_encoded_bytes());
            add(&mut context, &noted(&place));
        }
        URL_SAFE_NO_PAD.encode(context.finish())
    }

    /// What the operating system's own verifier trusts is up to it.
    fn digest(&self) -> String {
        let mut context = Context::new(&SHA256);
        for certificate in &self.extra {
            add(&mut context, certificate);
        }
        add(&mut context, b"");
        if !self.locations.is_platform_verifier() {
            if let Some(file) = self.locations.primary_file() {
                add(&mut context, &content(&file));
            }
            for certificate in self.locations.fallback() {
                add(&mut context, &certificate);
            }
        }
        URL_SAFE_NO_PAD.encode(context.finish())
    }
}

/// With its length, so that no two lists have the same text.
fn add(context: &mut Context, bytes: &[u8]) {
    context.update(&(bytes.len() as u64).to_be_bytes());
    context.update(bytes);
}

/// The content of a file of usual size. Of anything else no key is cached under a name that another
/// run could have, since a pipe cannot be read twice.
fn content(path: &Path) -> Vec<u8> {
    let is_usual =
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= MAX_FILE as u64);
    let content = is_usual.then(|| fs::read(path).ok()).flatten();
    content.unwrap_or_else(|| fastrand::u128(..).to_be_bytes().to_vec())
}

/// What the system notes of a file or folder, and changes with its content.
#[cfg(unix)]
fn noted(path: &Path) -> Vec<u8> {
    use std::os::unix::fs::MetadataExt;
    let numbers = fs::metadata(path).map(|found| {
        let times = [
            found.mtime(),
            found.mtime_nsec(),
            found.ctime(),
            found.ctime_nsec(),
        ];
        let identity = [found.dev(), found.ino(), found.size()];
        identity
            .map(u64::to_be_bytes)
            .into_iter()
            .chain(times.map(i64::to_be_bytes))
    });
    numbers.into_iter().flatten().flatten().collect()
}

/// Elsewhere, the time of the last change and the length.
#[cfg(not(unix))]
fn noted(path: &Path) -> Vec<u8> {
    let found = fs::metadata(path);
    format!(
        "{:?}",
        found.map(|found| (found.len(), found.modified().ok()))
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn fingerprint(file: Option<&Path>, folder: Option<&Path>, extra: &[&'static [u8]]) -> String {
        let variables = |name: &str| {
            let path = if name == "SSL_CERT_FILE" {
                file
            } else {
                folder
            };
            path.map(OsString::from)
        };
        let extra = extra.iter().map(|der| CertificateDer::from(*der));
        let locations = RootLocations::from(&variables);
        TrustedRoots::new(extra.collect(), locations)
            .fingerprint()
            .to_owned()
    }

    fn pem(der: &[u8]) -> String {
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    }

    #[test]
    fn the_content_counts_and_not_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one.pem", "other.pem"].map(|name| folder.path().join(name));
        fs::write(&one, pem(b"a")).unwrap();
        fs::write(&other, pem(b"a")).unwrap();
        let before = fingerprint(Some(&one), None, &[]);
        assert_eq!(fingerprint(Some(&other), None, &[]), before);
        let in_folder = fingerprint(None, Some(folder.path()), &[]);
        fs::write(&one, pem(b"b")).unwrap();
        assert_ne!(fingerprint(Some(&one), None, &[]), before);
        assert_ne!(fingerprint(None, Some(folder.path()), &[]), in_folder);
    }

    #[test]
    fn each_source_of_roots_counts() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), pem(b"a")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.pem"), pem(b"a")).unwrap();
        let all = [
            fingerprint(None, None, &[]),
            fingerprint(None, None, &[b"a"]),
            fingerprint(None, None, &[b"a", b"b"]),
            fingerprint(None, None, &[b"ab"]),
            fingerprint(Some(file.path()), None, &[]),
            fingerprint(Some(file.path()), None, &[b"a"]),
            fingerprint(Some(file.path()), Some(folder.path()), &[]),
            fingerprint(None, Some(folder.path()), &[]),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[..index].contains(one), "{index}");
        }
    }

    #[test]
    fn roots_that_cannot_be_read_twice_have_no_fingerprint_of_their_own() {
        let missing = Path::new("/nowhere.pem");
        for path in [missing, Path::new("/dev/null")] {
            let one = fingerprint(Some(path), None, &[]);
            assert_ne!(fingerprint(Some(path), None, &[]), one);
        }
    }

    #[test]
    fn the_stamp_changes_with_every_source_of_roots() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.pem");
        fs::write(&file, pem(b"a")).unwrap();
        let roots = |name: &'static str, path: &Path, extra: &[&'static [u8]]| {
            let variables = |asked: &str| (asked == name).then(|| OsString::from(path));
            let extra = extra.iter().map(|der| CertificateDer::from(*der));
            TrustedRoots::new(extra.collect(), RootLocations::from(&variables))
        };
        for (name, path) in [("SSL_CERT_FILE", &*file), ("SSL_CERT_DIR", folder.path())] {
            let one = roots(name, path, &[]);
            let before = one.stamp();
            assert_eq!(roots(name, path, &[]).stamp(), before, "{name}");
            assert_ne!(roots(name, path, &[b"b"]).stamp(), before, "{name}");
            fs::write(&file, pem(b"another")).unwrap();
            fs::write(folder.path().join(name), pem(b"c")).unwrap();
            assert_ne!(one.stamp(), before, "{name}");
        }
    }

    #[test]
    fn a_file_that_changes_during_the_run_is_noticed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), pem(b"a")).unwrap();
        let path = file.path().to_owned();
        let variables = |name: &str| (name == "SSL_CERT_FILE").then(|| path.clone().into());
        let roots = TrustedRoots::new(Vec::new(), RootLocations::from(&variables));
        roots.fingerprint();
        assert!(roots.are_unchanged());
        fs::write(file.path(), pem(b"b")).unwrap();
        assert!(!roots.are_unchanged());
    }
}

//! Which certificates are trusted to begin a chain: the system's, read once, or those that the environment names.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;

use super::HttpError;
use crate::config::Variables;
use crate::text;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// In bytes; a bundle has some hundred thousand.
const LARGEST_FILE: u64 = 64 << 20;

/// Where the environment says that trusted certificates are (`SSL_CERT_FILE`, `SSL_CERT_DIR`).
#[derive(Clone, Debug)]
pub(super) struct Places {
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

/// Why the certificates could not be had.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{path}: {problem}")]
pub(super) struct Unusable {
    pub(super) path: String,
    pub(super) problem: String,
}

impl From<Unusable> for HttpError {
    fn from(Unusable { path, problem }: Unusable) -> Self {
        Self::CaFile { path, problem }
    }
}

impl Places {
    pub(super) fn from(variables: Variables<'_>) -> Self {
        let value = |name| variables(name).filter(|value| !value.is_empty());
        let folders =
            value("SSL_CERT_DIR").map(|folders| std::env::split_paths(&folders).collect());
        Self {
            file: value("SSL_CERT_FILE").map(PathBuf::from),
            folders: folders.unwrap_or_default(),
        }
    }

    /// Whether the operating system checks certificates itself, and nothing else was asked for.
    pub(super) fn are_the_platforms(&self) -> bool {
        let checks = cfg!(any(windows, target_vendor = "apple", target_os = "android"));
        checks && self.file.is_none() && self.folders.is_empty()
    }

    /// The places that the environment names, as one text; empty where it names none.
    pub(super) fn named(&self) -> String {
        let places = self
            .file
            .iter()
            .chain(&self.folders)
            .map(|path| path.to_string_lossy());
        places.collect::<Vec<_>>().join("\n")
    }

    /// What is looked at first: the file that is named, else the system's bundle unless only folders are named.
    pub(super) fn first(&self) -> impl Iterator<Item = Result<CertificateDer<'static>, Unusable>> {
        let bundle = || {
            if self.folders.is_empty() {
                openssl_probe::probe().cert_file
            } else {
                None
            }
        };
        self.file
            .clone()
            .or_else(bundle)
            .into_iter()
            .flat_map(|path| read(&path))
    }

    /// What is looked at where the first does not lead to a root: the folders that are named, else the system's folder
    /// if it has no bundle. (On Debian the folder holds what the bundle holds, in 144 files.)
    pub(super) fn second(&self) -> Vec<CertificateDer<'static>> {
        if !self.folders.is_empty() {
            return self
                .folders
                .iter()
                .flat_map(|path| read_folder(path))
                .collect();
        }
        let found = openssl_probe::probe();
        if self.file.is_some() || found.cert_file.is_some() {
            return Vec::new();
        }
        found
            .cert_dir
            .iter()
            .flat_map(|path| read_folder(path))
            .collect()
    }
}

/// The certificates in a file of PEM blocks (RFC 7468), one by one, up to the first thing that is wrong; everything else
/// in the file is passed over.
pub(super) fn read(
    path: &Path,
) -> impl Iterator<Item = Result<CertificateDer<'static>, Unusable>> + use<> {
    let file = File::open(path).map(|file| Blocks::of(BufReader::new(file.take(LARGEST_FILE))));
    let (failure, blocks) = file.map_or_else(
        |error| (Some(Err(error)), None),
        |blocks| (None, Some(blocks)),
    );
    let path = text::path(path);
    let unusable = move |error: io::Error| Unusable {
        path: path.clone(),
        problem: error.to_string(),
    };
    failure
        .into_iter()
        .chain(blocks.into_iter().flatten())
        .map(move |found| found.map_err(&unusable))
}

/// Every certificate in the files of a folder; what cannot be read is no root. The same certificate often lies there
/// under two names.
fn read_folder(path: &Path) -> Vec<CertificateDer<'static>> {
    let files = fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let mut certificates: Vec<_> = files
        .flat_map(|path| read(&path).map_while(Result::ok))
        .collect();
    certificates.sort_by(|one, other| one.as_ref().cmp(other.as_ref()));
    certificates.dedup();
    certificates
}

/// Hands out what the blocks of a PEM text hold, with no more of it in memory than one block.
///
/// Certificates are public, so that a decoder will do that takes its time from its input: it is ten times as fast.
struct Blocks<R> {
    input: R,
    line: Vec<u8>,
    block: Vec<u8>,
}

impl<R: BufRead> Blocks<R> {
    fn of(input: R) -> Self {
        Self {
            input,
            line: Vec::new(),
            block: Vec::new(),
        }
    }

    /// The next line without the blanks around it; none at the end.
    fn line(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let length = self.input.read_until(b'\n', &mut self.line)?;
        Ok((length > 0).then(|| self.line.trim_ascii()))
    }

    fn certificate(&mut self) -> io::Result<Option<CertificateDer<'static>>> {
        loop {
            match self.line()? {
                None => return Ok(None),
                Some(line) if line == BEGIN => break,
                Some(_) => {}
            }
        }
        self.block.clear();
        while self.line()?.ok_or_else(|| malformed("has no end"))? != END {
            self.block.extend_from_slice(self.line.trim_ascii());
        }
        let der = STANDARD
            .decode(&self.block)
            .map_err(|_| malformed("is not base64"))?;
        Ok(Some(der.into()))
    }
}

impl<R: BufRead> Iterator for Blocks<R> {
    type Item = io::Result<CertificateDer<'static>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.certificate().transpose()
    }
}

fn malformed(problem: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("a certificate in it {problem}"),
    )
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn pem(content: &[u8]) -> String {
        let (begin, end) = (String::from_utf8_lossy(BEGIN), String::from_utf8_lossy(END));
        format!("{begin}\n{}\n{end}\n", STANDARD.encode(content))
    }

    fn places(file: Option<&Path>, folder: Option<&Path>) -> Places {
        let value = |path: Option<&Path>| path.map(OsString::from);
        Places::from(&|name| {
            if name == "SSL_CERT_FILE" {
                value(file)
            } else {
                value(folder)
            }
        })
    }

    #[test]
    fn certificates_are_found_among_other_text() {
        let text = format!(
            "# A root\r\n{}junk\n{}",
            pem(b"one").replace('\n', "\r\n"),
            pem(b"two")
        );
        let found = |text: &[u8]| Blocks::of(text).collect::<io::Result<Vec<_>>>();
        assert_eq!(
            found(text.as_bytes()).unwrap(),
            [b"one", b"two"].map(|content| CertificateDer::from(&content[..]))
        );
        assert_eq!(found(b"no certificate").unwrap(), []);
        assert!(
            found(BEGIN)
                .unwrap_err()
                .to_string()
                .ends_with("has no end")
        );
        let garbled = [BEGIN, b"\n*\n", END].concat();
        assert!(
            found(&garbled)
                .unwrap_err()
                .to_string()
                .ends_with("is not base64")
        );
    }

    #[test]
    fn a_file_that_is_named_stands_in_for_the_system_and_must_be_there() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), pem(b"one")).unwrap();
        let named = places(Some(file.path()), None);
        assert_eq!(
            (named.first().flatten().count(), named.second().len()),
            (1, 0)
        );
        let missing = places(Some(Path::new("/nowhere.pem")), None)
            .first()
            .next()
            .unwrap()
            .unwrap_err();
        assert!(
            missing.to_string().starts_with("/nowhere.pem: "),
            "{missing}"
        );
    }

    #[test]
    fn a_folder_that_is_named_is_looked_at_second_and_each_certificate_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [
            ("a.pem", pem(b"one")),
            ("1234.0", pem(b"one")),
            ("b.pem", "no".into()),
        ] {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let named = places(None, Some(folder.path()));
        assert_eq!((named.first().count(), named.second().len()), (0, 1));
    }
}

//! What `setup` writes: the file of a profile, with values that it is sure to read again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;
use zeroize::Zeroizing;

use super::error::ConfigError;
use super::load_context::LoadContext;
use super::missing::Missing;
use super::profile;
use super::report::Report;
use super::settings_file::SettingsFile;
use super::source::{Source, SourceKind, SourceTenant, is_empty};
use super::tenant::{self, TenantRef};
use crate::deadline::Deadline;
use crate::escape;
use crate::input::read::{bounded, open};
use crate::input::secret::{LIMIT, utf8};
use crate::redact::known;
use crate::settings::{self, Setting};

/// The settings that `setup` asks for or sets. Other lines of a file stay as they are.
const ASKED: [Setting; 8] = [
    settings::DOMAIN,
    settings::ISSUER,
    settings::CLIENT_ID,
    settings::CLIENT_SECRET,
    settings::CLIENT_SECRET_FILE,
    settings::AUDIENCE,
    settings::REALM,
    settings::CA_FILE,
];

const HEADER: &str = "# Written by padlock setup; see padlock setup --help.\n";

/// Reading of a file, which may be a pipe.
const READING: Duration = Duration::from_secs(5);

/// The file of a profile.
pub(crate) struct ProfileFile {
    pub(crate) path: PathBuf,
    /// What it has now, if it exists.
    old: Option<Old>,
}

struct Old {
    text: Zeroizing<String>,
    values: Vec<(Setting, SecretString)>,
    tenant: Option<OldTenant>,
}

/// The tenant that the file names.
enum OldTenant {
    Named(TenantRef),
    /// Not a valid one, so that the rest may be any other tenant's.
    Invalid,
}

impl OldTenant {
    fn is(&self, tenant: &TenantRef) -> bool {
        matches!(self, Self::Named(named) if named.is_same(tenant))
    }
}

impl ProfileFile {
    /// The file of this profile, read if it exists.
    pub(crate) fn open(name: Option<&str>, context: &LoadContext<'_>) -> Result<Self, ConfigError> {
        let path = profile::path(name.unwrap_or(profile::DEFAULT), "--profile")?;
        // A link to a file elsewhere stays a link.
        let path = fs::canonicalize(&path).unwrap_or(path);
        let old = path.exists().then(|| Old::read(&path, context.report));
        Ok(Self {
            old: old.transpose()?,
            path,
        })
    }

    /// Whether something would be replaced.
    pub(crate) fn exists(&self) -> bool {
        self.old.is_some()
    }

    /// The error of a run that may not replace it.
    pub(crate) fn exists_error(&self) -> ConfigError {
        ConfigError::ProfileExists {
            file: escape::path(&self.path),
        }
    }
}

impl Old {
    fn read(path: &Path, report: &Report) -> Result<Self, ConfigError> {
        let deadline = Deadline::after(READING);
        let bytes = open(path, LIMIT, deadline).and_then(|file| bounded(file, LIMIT));
        let bytes = bytes.map_err(ConfigError::unreadable("the settings file", path))?;
        let file = SettingsFile::parse(&bytes, path, report)?;
        let values = values(&file);
        let source = Source::file(SourceKind::Profile, escape::path(path), file);
        let tenant = match source.tenant() {
            Ok(SourceTenant::Named(_, tenant)) => Some(OldTenant::Named(tenant)),
            Ok(SourceTenant::None | SourceTenant::Empty) => None,
            _ => Some(OldTenant::Invalid),
        };
        let text = utf8(&bytes).map_err(|problem| {
            ConfigError::invalid(format!("the settings file {}", escape::path(path)), problem)
        })?;
        Ok(Self {
            text: Zeroizing::new(text.to_owned()),
            values,
            tenant,
        })
    }
}

fn values(file: &SettingsFile) -> Vec<(Setting, SecretString)> {
    let value = |setting: Setting| Some((setting, file.value(setting.variable)?.clone()));
    ASKED.into_iter().filter_map(value).collect()
}

/// The values that are to be written.
pub(crate) struct Draft<'f> {
    file: &'f ProfileFile,
    values: Vec<(Setting, SecretString)>,
    /// What a flag or the person gave; the other values are the file's.
    given: Vec<Setting>,
}

impl<'f> Draft<'f> {
    /// What the file has now.
    pub(crate) fn of(file: &'f ProfileFile) -> Self {
        let old = file.old.as_ref();
        let values = old.map_or_else(Vec::new, |old| old.values.clone());
        // An empty secret is one.
        let is_value = |(setting, value): &(Setting, SecretString)| {
            !is_empty(value) || *setting == settings::CLIENT_SECRET
        };
        let values = values.into_iter().filter(is_value);
        Self {
            file,
            values: values.collect(),
            given: Vec::new(),
        }
    }

    /// The value of a setting that is no secret.
    pub(crate) fn text(&self, setting: Setting) -> Option<&str> {
        self.value(setting).map(ExposeSecret::expose_secret)
    }

    /// Whether there is a client secret.
    pub(crate) fn has_secret(&self) -> bool {
        let forms = [settings::CLIENT_SECRET, settings::CLIENT_SECRET_FILE];
        forms.iter().any(|form| self.value(*form).is_some())
    }

    /// Sets a value; an empty one removes it.
    pub(crate) fn set(&mut self, setting: Setting, value: &SecretString) {
        self.values.retain(|(one, _)| *one != setting);
        self.given.push(setting);
        if !is_empty(value) {
            self.values.push((setting, value.clone()));
        }
    }

    /// Sets the tenant. What the file says of another tenant's application is forgotten.
    pub(crate) fn set_tenant(&mut self, setting: Setting, text: &str) -> Result<(), ConfigError> {
        let tenant = tenant_of(setting, text)?;
        let old = self.file.old.as_ref().and_then(|old| old.tenant.as_ref());
        if old.is_some_and(|old| !old.is(&tenant)) {
            let given = &self.given;
            self.values.retain(|(setting, _)| given.contains(setting));
        }
        for one in [settings::DOMAIN, settings::ISSUER] {
            self.set(one, &SecretString::default());
        }
        self.set(setting, &text.into());
        Ok(())
    }

    /// Sets the client secret, which may be empty, or removes it.
    pub(crate) fn set_secret(&mut self, secret: Option<SecretString>) {
        for form in [settings::CLIENT_SECRET, settings::CLIENT_SECRET_FILE] {
            self.set(form, &SecretString::default());
        }
        let secret = secret.map(|secret| (settings::CLIENT_SECRET, known(secret)));
        self.values.extend(secret);
    }

    /// Fails with everything that is missing.
    pub(crate) fn require(&self) -> Result<(), ConfigError> {
        let mut missing = Missing::default();
        let tenant = self.value(settings::DOMAIN);
        missing.require(
            tenant.or_else(|| self.value(settings::ISSUER)),
            settings::DOMAIN,
        );
        missing.require(self.value(settings::CLIENT_ID), settings::CLIENT_ID);
        missing.check()
    }

    /// The content of the file, and the names of settings of another tenant that it loses. Fails
    /// where a value could not be read again as it is.
    pub(crate) fn content(
        &self,
        report: &Report,
    ) -> Result<(Zeroizing<String>, Vec<&'static str>), ConfigError> {
        let (kept, lost) = self.other_lines();
        let mut lines = vec![Zeroizing::new(HEADER.to_owned())];
        for setting in ASKED {
            let value = self.text(setting);
            lines.extend(value.map(|value| SettingsFile::line(setting, value)));
        }
        let length = lines.iter().map(|line| line.len()).sum::<usize>();
        let kept_length = kept.iter().map(|line| line.len() + 1).sum::<usize>();
        let mut text = Zeroizing::new(String::with_capacity(length + kept_length));
        for line in &lines {
            text.push_str(line);
        }
        for line in kept {
            text.push_str(line);
            text.push('\n');
        }
        let read = SettingsFile::parse(text.as_bytes(), &self.file.path, report)?;
        for setting in ASKED {
            let value = read
                .value(setting.variable)
                .map(ExposeSecret::expose_secret);
            if value != self.text(setting) {
                let problem = "it cannot be written to a settings file";
                return Err(ConfigError::invalid(setting.variable, problem));
            }
        }
        Ok((text, lost))
    }

    /// The lines of the old file about other settings; the names of those that are not kept, since
    /// they are another tenant's.
    fn other_lines(&self) -> (Vec<&'f str>, Vec<&'static str>) {
        let Some(old) = &self.file.old else {
            return (Vec::new(), Vec::new());
        };
        let mut tenant = [settings::DOMAIN, settings::ISSUER].into_iter();
        let tenant = tenant.find_map(|one| tenant_of(one, self.text(one)?).ok());
        let is_other = match (&old.tenant, &tenant) {
            (Some(old), Some(new)) => !old.is(new),
            _ => false,
        };
        let is_asked = |line: &&str| {
            SettingsFile::setting_of(line).is_some_and(|setting| ASKED.contains(setting))
        };
        let text = old.text.trim_start_matches('\u{feff}');
        let lines = text.lines().filter(|line| !is_asked(line));
        let lines = lines.filter(|line| *line != HEADER.trim_end());
        let (lost, kept) =
            lines.partition(|line| is_other && SettingsFile::setting_of(line).is_some());
        let lost: Vec<&str> = lost;
        let lost = lost.into_iter().filter_map(SettingsFile::setting_of);
        (kept, lost.map(|setting| setting.variable).collect())
    }

    fn value(&self, setting: Setting) -> Option<&SecretString> {
        let found = self.values.iter().find(|(one, _)| *one == setting);
        found.map(|(_, value)| value)
    }
}

/// Which setting a typed domain or issuer is.
pub(crate) fn tenant_setting(text: &str) -> Result<Setting, ConfigError> {
    let url = Url::parse(text).ok().filter(|_| text.contains("://"));
    let is_auth0 = |url: &Url| {
        url.host_str()
            .is_some_and(|host| host.ends_with(".auth0.com"))
    };
    let setting = match url {
        Some(url) if !is_auth0(&url) => settings::ISSUER,
        _ => settings::DOMAIN,
    };
    tenant_of(setting, text).map(|_| setting)
}

fn tenant_of(setting: Setting, text: &str) -> Result<TenantRef, ConfigError> {
    if setting == settings::ISSUER {
        TenantRef::issuer(text)
    } else {
        tenant::auth0(text).map(TenantRef::Auth0)
    }
}

//! What `setup` writes: the values of a profile, in a text that is sure to be read as they are.

use secrecy::{ExposeSecret, SecretString};
use url::Url;
use zeroize::Zeroizing;

use super::error::ConfigError;
use super::profile_file::{Old, ProfileFile};
use super::profile_text::{ASKED, Edit};
use super::report::Report;
use super::settings_file::SettingsFile;
use super::source::is_empty;
use super::tenant::{self, TenantRef};
use crate::redact::known;
use crate::settings::{self, Setting};

/// What an application authenticates with in place of a secret, and how.
const OTHER_PROOF: [Setting; 3] = [
    settings::CLIENT_AUTH,
    settings::CLIENT_KEY_FILE,
    settings::CLIENT_KEY_ID,
];

/// The values that are to be written.
pub(crate) struct Draft {
    file: ProfileFile,
    values: Vec<(Setting, SecretString)>,
    /// What a flag or the person gave; the other values are the file's.
    given: Vec<Setting>,
    /// Settings that do not go with the secret that was given.
    replaced: Vec<Setting>,
}

/// The content of the file, and what a person should know of it.
pub(crate) struct Content {
    pub(crate) text: Zeroizing<String>,
    /// Settings that it loses, and why.
    pub(crate) lost: Option<String>,
}

impl Draft {
    /// What the file has now.
    pub(crate) fn of(file: ProfileFile) -> Self {
        let values = file.old.as_ref().map(Old::asked);
        // An empty secret is one.
        let is_value = |(setting, value): &(Setting, SecretString)| {
            !is_empty(value) || *setting == settings::CLIENT_SECRET
        };
        let values = values.into_iter().flatten().filter(is_value);
        Self {
            values: values.collect(),
            file,
            given: Vec::new(),
            replaced: Vec::new(),
        }
    }

    /// The file that is to be replaced.
    pub(crate) fn file(&self) -> &ProfileFile {
        &self.file
    }

    /// The same values for what the file has now.
    pub(crate) fn onto(self, file: ProfileFile) -> Self {
        Self { file, ..self }
    }

    /// The value of a setting that is no secret.
    pub(crate) fn text(&self, setting: Setting) -> Option<&str> {
        self.value(setting).map(ExposeSecret::expose_secret)
    }

    /// What the application authenticates with, for a person.
    pub(crate) fn proof(&self) -> Option<String> {
        let forms = [settings::CLIENT_SECRET, settings::CLIENT_SECRET_FILE];
        if forms.iter().any(|form| self.value(*form).is_some()) {
            return Some("saved".to_owned());
        }
        let key = self.kept(settings::CLIENT_KEY_FILE)?;
        Some(format!("private key in {key}"))
    }

    /// The names of the settings that are not asked for, and stay.
    pub(crate) fn others(&self) -> Vec<&'static str> {
        let others = self.file.old.as_ref().map(Old::others);
        let others = others.into_iter().flatten();
        let others = others.filter(|setting| !self.is_lost(*setting));
        others.map(|setting| setting.variable).collect()
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

    /// Sets the client secret, which may be empty, or removes it. A private key and its method go
    /// too: an application authenticates with one of them.
    pub(crate) fn set_secret(&mut self, secret: Option<SecretString>) {
        for form in [settings::CLIENT_SECRET, settings::CLIENT_SECRET_FILE] {
            self.set(form, &SecretString::default());
        }
        let algorithm = self.kept(settings::ALGORITHM).unwrap_or_default();
        // There the secret has another use.
        let needs_both = secret.is_some() && algorithm.to_ascii_uppercase().contains("HS");
        let method = self.kept(settings::CLIENT_AUTH).unwrap_or_default();
        let takes_secret = method.starts_with("client_secret_") && secret.is_some();
        for other in OTHER_PROOF {
            if !(needs_both || other == settings::CLIENT_AUTH && takes_secret) {
                self.replaced.push(other);
            }
        }
        let secret = secret.map(|secret| (settings::CLIENT_SECRET, known(secret)));
        self.values.extend(secret);
    }

    /// Fails with everything that is missing.
    pub(crate) fn require(&self) -> Result<(), ConfigError> {
        let mut missing = Vec::new();
        let tenants = [settings::DOMAIN, settings::ISSUER];
        if tenants.iter().all(|one| self.value(*one).is_none()) {
            missing.push(settings::DOMAIN);
        }
        if self.value(settings::CLIENT_ID).is_none() {
            missing.push(settings::CLIENT_ID);
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(ConfigError::MissingForSetup(missing))
    }

    /// The content of the file. Fails where a value could not be read again as it is.
    pub(crate) fn content(&self, report: &Report) -> Result<Content, ConfigError> {
        let old = self.file.old.as_ref();
        let edit = Edit {
            values: &self.values,
            is_lost: &|setting| self.is_lost(setting),
            keeps_empty: &|setting| !self.given.contains(&setting),
        };
        let text = edit.apply(old.map(|old| old.text.as_str()));
        let read = SettingsFile::parse(text.as_bytes(), &self.file.path, report)?;
        for setting in ASKED {
            let value = read.value(setting.variable);
            let value = value.map(ExposeSecret::expose_secret);
            let is_same = match (value, self.text(setting)) {
                (Some(""), None) => !self.given.contains(&setting),
                (value, wanted) => value == wanted,
            };
            if !is_same {
                let problem = "it cannot be written to a settings file";
                return Err(ConfigError::invalid(setting.variable, problem));
            }
        }
        let lost = self.lost();
        Ok(Content { text, lost })
    }

    /// What the file loses besides values that are asked for, and why.
    fn lost(&self) -> Option<String> {
        let others = self.file.old.as_ref()?.others();
        let lost = others.into_iter().filter(|setting| self.is_lost(*setting));
        let names: Vec<_> = lost.map(|setting| setting.variable).collect();
        let reason = if self.changes_tenant() {
            "belongs to another tenant"
        } else {
            "is for another client authentication"
        };
        (!names.is_empty())
            .then(|| format!("the profile loses what {reason}: {}", names.join(", ")))
    }

    fn is_lost(&self, setting: Setting) -> bool {
        self.changes_tenant() || self.replaced.contains(&setting)
    }

    /// Whether the file is another tenant's now.
    fn changes_tenant(&self) -> bool {
        let old = self.file.old.as_ref().and_then(|old| old.tenant.as_ref());
        let mut tenant = [settings::DOMAIN, settings::ISSUER].into_iter();
        let tenant = tenant.find_map(|one| tenant_of(one, self.text(one)?).ok());
        matches!((old, tenant), (Some(old), Some(new)) if !old.is(&new))
    }

    /// The value that a setting that is not asked for keeps.
    fn kept(&self, setting: Setting) -> Option<&str> {
        let value = self.file.old.as_ref()?.value(setting)?;
        (!self.is_lost(setting)).then_some(value)
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

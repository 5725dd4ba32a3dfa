//! The sources of settings, as far as their values may go to the tenant of the run.

use std::path::PathBuf;

use super::belonging::{Decision, Named, decide};
use super::dot_env;
use super::error::ConfigError;
use super::found::{Found, warn_about_secret_file};
use super::recipient::Recipient;
use super::report::Report;
use super::source::{Source, SourceKind, is_empty};
use super::sources::Sources;
use super::tenant::TenantRef;
use crate::deadline::Deadline;
use crate::settings::{self, Setting};

/// The sources of settings, as far as their values may go to the tenant of the run.
pub(super) struct TenantSources<'s, 'a> {
    /// Each source with its relation to the tenant; the highest first.
    sources: Vec<(&'s Source<'a>, Named)>,
    /// `None`: no source names a tenant, so that nothing will be sent.
    recipient: Option<&'s Recipient>,
    purpose: Purpose,
    pub(super) report: &'a Report,
    /// When the run has to end, whatever is still to be read.
    pub(super) deadline: Deadline,
}

/// How high a source is; less is higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The command line.
    Flag,
    /// So many sources are between it and the flags.
    Below(usize),
}

/// The value of the highest source that has one and may use it for the tenant.
struct Highest<'s, 'a> {
    rank: Rank,
    found: Found<'s, 'a>,
    named: Named,
    decision: Decision,
}

/// What the settings are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A person signs in.
    Login,
    /// The application gets a token for itself.
    Application,
    /// A saved session is renewed or ended.
    Session,
    /// Tokens are verified; the settings that matter come from flags.
    Verification,
}

impl<'s, 'a> TenantSources<'s, 'a> {
    pub(super) fn new(
        sources: &'s Sources<'a>,
        recipient: Option<&'s Recipient>,
        purpose: Purpose,
    ) -> Self {
        let report = sources.report;
        let relation = |source: &'s Source<'a>| {
            let named = recipient.map(|recipient| recipient.relation(source));
            (source, named.unwrap_or(Named::Same))
        };
        let found = Self {
            sources: sources.stack.iter().map(relation).collect(),
            recipient,
            purpose,
            report,
            deadline: sources.deadline,
        };
        found.note_files_of_other_tenants();
        found
    }

    /// The tenant, and where its discovery document is.
    pub(super) fn tenant(&self, discovery_url: Option<&str>) -> Result<TenantRef, ConfigError> {
        let tenant = self.recipient.and_then(Recipient::tenant).cloned();
        let tenant = tenant.ok_or_else(|| ConfigError::Missing(vec![settings::DOMAIN]))?;
        tenant.discovered_at(discovery_url)
    }

    /// The source that names the tenant, where the person did not choose it.
    pub(super) fn tenant_from(&self) -> Option<&'static str> {
        let kind = self.recipient.map(|recipient| recipient.kind);
        (kind == Some(SourceKind::DotEnv)).then_some(dot_env::NAME)
    }

    /// A setting that is not a secret. An empty value unsets it, whatever the sources below say.
    pub(super) fn text(
        &self,
        flag: Option<String>,
        setting: Setting,
    ) -> Result<Option<String>, ConfigError> {
        self.report.flag(setting, flag.is_some());
        match flag {
            Some(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            None => self.find(&[setting])?.map(|found| found.text()).transpose(),
        }
    }

    /// The path of a file. An empty one unsets it, whatever the sources below say.
    pub(super) fn path(
        &self,
        flag: Option<PathBuf>,
        setting: Setting,
    ) -> Result<Option<PathBuf>, ConfigError> {
        self.report.flag(setting, flag.is_some());
        match flag {
            Some(path) if path.as_os_str().is_empty() => Ok(None),
            Some(path) => {
                warn_about_secret_file(setting, &path, self.report);
                Ok(Some(path))
            }
            None => self.find(&[setting])?.map(|found| found.path()).transpose(),
        }
    }

    /// The value of the highest source that has one of these settings and may use it for the tenant,
    /// unless it is empty and that unsets it. They are forms of one setting.
    pub(super) fn find(&self, forms: &[Setting]) -> Result<Option<Found<'s, 'a>>, ConfigError> {
        let note = |setting, source: &Source<'_>, named| self.note_ignored(setting, source, named);
        let Some(highest) = self.highest(forms, note)? else {
            return Ok(None);
        };
        let Highest { found, named, .. } = highest;
        let is_empty = is_empty(&found.value);
        if highest.decision == Decision::Refuse && !is_empty {
            let name = found.source.name_of(found.setting);
            return Err(ConfigError::NotForDotEnv { name });
        }
        self.note_used(found.setting, found.source, named);
        if is_empty && found.setting.is_unset_by_empty() {
            self.note_empty(&found);
            return Ok(None);
        }
        Ok(Some(found))
    }

    /// The rank of the source that [`Self::find`] would take the value from, and the value. Notes
    /// nothing, since it may not be used.
    pub(super) fn peek(
        &self,
        forms: &[Setting],
    ) -> Result<Option<(Rank, Found<'s, 'a>)>, ConfigError> {
        let highest = self.highest(forms, |_, _, _| ())?;
        let highest = highest.map(|Highest { rank, found, .. }| (rank, found));
        Ok(highest.filter(|(_, Found { setting, value, .. })| {
            !is_empty(value) || !setting.is_unset_by_empty()
        }))
    }

    fn highest(
        &self,
        forms: &[Setting],
        ignore: impl Fn(Setting, &Source<'_>, Named),
    ) -> Result<Option<Highest<'s, 'a>>, ConfigError> {
        let Some(first) = forms.first() else {
            return Ok(None);
        };
        for (below, (source, named)) in self.sources.iter().enumerate() {
            let found = source.one_of(forms);
            let decision = self.decide(*first, source, *named);
            if decision == Decision::Ignore {
                // There even an invalid value does not count.
                if let Ok(Some((setting, _))) = found {
                    ignore(setting, source, *named);
                }
                continue;
            }
            let Some((setting, value)) = found? else {
                continue;
            };
            let found = Found {
                setting,
                value,
                source,
                report: self.report,
            };
            return Ok(Some(Highest {
                rank: Rank::Below(below),
                found,
                named: *named,
                decision,
            }));
        }
        Ok(None)
    }

    fn decide(&self, setting: Setting, source: &Source<'_>, named: Named) -> Decision {
        let Some(recipient) = self.recipient else {
            return Decision::Use;
        };
        let is_root = setting == settings::CA_FILE && source.kind == SourceKind::DotEnv;
        if is_root && self.purpose != Purpose::Login {
            // Only a person who signs in sees where the tenant comes from.
            return Decision::Ignore;
        }
        decide(setting.kind, source.kind, named, recipient.kind)
    }

    fn note_files_of_other_tenants(&self) {
        let Some(recipient) = self
            .recipient
            .filter(|_| self.purpose != Purpose::Verification)
        else {
            return;
        };
        for (source, named) in &self.sources {
            if *named == Named::Other && source.kind != SourceKind::Environment {
                let (name, tenant) = (&source.name, &recipient.named_by);
                self.report.note(format!(
                    "{name} is ignored, since it names another tenant than {tenant}"
                ));
            }
        }
    }

    /// What a login cannot do without is missing then, or asked for.
    fn note_empty(&self, found: &Found<'_, '_>) {
        let needed = [settings::CLIENT_ID, settings::EMAIL, settings::PASSWORD];
        if needed.contains(&found.setting) {
            let (variable, name) = (found.setting.variable, &found.source.name);
            let note = format!("{variable} is empty in {name}, which counts as not given");
            self.report.note(note);
        }
    }

    fn note_used(&self, setting: Setting, source: &Source<'_>, named: Named) {
        self.report.origin(setting, &source.name);
        if setting.kind.is_secret() && named == Named::Other {
            let (variable, name) = (setting.variable, &source.name);
            let tenant = self.recipient.map_or("", |recipient| &recipient.named_by);
            self.report.note(format!(
                "warning: {variable} in {name} is used at the tenant of {tenant}, although {name} \
                 names another tenant"
            ));
        }
    }

    fn note_ignored(&self, setting: Setting, source: &Source<'_>, named: Named) {
        let tenant = self.recipient.map_or("", |recipient| &recipient.named_by);
        let (report, name) = (self.report, &source.name);
        match named {
            // The note about the file says it.
            Named::Other
                if source.kind != SourceKind::Environment
                    && self.purpose != Purpose::Verification => {}
            Named::Other => {
                let reason = format!("{name} names another tenant than {tenant}");
                report.ignored(setting, name, reason);
            }
            Named::None => {
                let reason = format!("{} does not name the tenant", dot_env::PATH);
                report.ignored(setting, dot_env::PATH, reason);
            }
            Named::Same => {
                let reason = "this command trusts none that comes from there; give --ca-file";
                report.ignored(setting, name, reason.to_owned());
            }
        }
    }
}

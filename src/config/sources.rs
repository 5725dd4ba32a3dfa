//! All sources of settings, and which of them names the tenant.

use std::fs;
use std::path::Path;

use super::error::ConfigError;
use super::load_context::LoadContext;
use super::recipient::Recipient;
use super::report::Report;
use super::settings_file::SettingsFile;
use super::source::{Source, SourceKind, SourceTenant};
use super::tenant::{self, TenantRef};
use super::{dot_env, profile};
use crate::args::SettingsFileArgs;
use crate::deadline::Deadline;
use crate::escape;
use crate::settings;

/// The sources below the flags, from the highest to the lowest.
pub(super) struct Sources<'a> {
    pub(super) stack: Vec<Source<'a>>,
    pub(super) report: &'a Report,
    /// When the run has to end, whatever is still to be read.
    pub(super) deadline: Deadline,
}

impl<'a> Sources<'a> {
    /// Reads the settings files. `is_tenant_known`: a flag names the tenant.
    pub(super) fn read(
        args: &SettingsFileArgs,
        deadline: Deadline,
        is_tenant_known: bool,
        context: &LoadContext<'a>,
    ) -> Result<Self, ConfigError> {
        let mut reader = Reader {
            sources: Self {
                stack: Vec::with_capacity(4),
                report: context.report,
                deadline,
            },
        };
        reader.read(args, is_tenant_known, context)?;
        Ok(reader.sources)
    }

    /// The tenant that the highest source names.
    pub(super) fn tenant(
        &self,
        domain: Option<&str>,
        issuer: Option<&str>,
    ) -> Result<Option<Recipient>, ConfigError> {
        let (setting, tenant) = match (domain, issuer) {
            (Some(domain), _) => (settings::DOMAIN, TenantRef::Auth0(tenant::auth0(domain)?)),
            (None, Some(issuer)) => (settings::ISSUER, TenantRef::issuer(issuer)?),
            (None, None) => return self.tenant_below_flags(),
        };
        self.report.origin(setting, setting.flag());
        Ok(Some(Recipient::of_flag(setting.flag(), tenant)))
    }

    fn tenant_below_flags(&self) -> Result<Option<Recipient>, ConfigError> {
        for source in &self.stack {
            match source.tenant()? {
                SourceTenant::None => {}
                SourceTenant::Empty => {
                    self.report.note(format!(
                        "the tenant is empty in {}, so no other source names it",
                        source.name
                    ));
                    return Ok(None);
                }
                SourceTenant::Named(setting, tenant) => {
                    self.report.origin(setting, &source.name);
                    return Ok(Some(Recipient::of_source(source, tenant)));
                }
            }
        }
        Ok(None)
    }
}

/// Reads the files of the sources.
struct Reader<'a> {
    sources: Sources<'a>,
}

impl<'a> Reader<'a> {
    fn read(
        &mut self,
        args: &SettingsFileArgs,
        is_tenant_known: bool,
        context: &LoadContext<'a>,
    ) -> Result<(), ConfigError> {
        if let Some(path) = &args.env_file {
            self.add(SourceKind::EnvFile, escape::path(path), path)?;
        }
        if let Some(profile) = &args.profile {
            self.add_profile(SourceKind::Profile, profile, "--profile")?;
        }
        let environment = Source::environment(context.variables);
        let profile = environment.one_of(&[settings::PROFILE])?;
        self.sources.stack.push(environment);
        let credentials = Source::credentials(context.variables);
        self.sources.stack.extend(credentials);
        if let (None, Some((_, profile))) = (&args.profile, profile) {
            let profile = secrecy::ExposeSecret::expose_secret(&profile);
            if !profile.is_empty() {
                let variable = settings::PROFILE.variable;
                self.add_profile(SourceKind::ProfileVariable, profile, variable)?;
            }
        }
        if !args.env_file.as_deref().is_some_and(is_dot_env) {
            let file = dot_env::load(self.sources.report)?;
            self.push(SourceKind::DotEnv, dot_env::NAME.to_owned(), file);
        }
        if !is_tenant_known
            && !self.names_tenant()
            && let Some(path) = profile::default_file()
        {
            self.add(SourceKind::Default, "default.env".to_owned(), &path)?;
        }
        Ok(())
    }

    fn add_profile(
        &mut self,
        kind: SourceKind,
        profile: &str,
        given_by: &'static str,
    ) -> Result<(), ConfigError> {
        let path = profile::file(profile, given_by)?;
        let report = self.sources.report;
        report.origin(
            settings::PROFILE,
            match kind {
                SourceKind::ProfileVariable => "the environment",
                _ => given_by,
            },
        );
        self.add(kind, format!("profile {}", escape::escape(profile)), &path)
    }

    fn add(&mut self, kind: SourceKind, name: String, path: &Path) -> Result<(), ConfigError> {
        let file = SettingsFile::read(path, self.sources.deadline, self.sources.report)?;
        self.push(kind, name, Some(file));
        Ok(())
    }

    fn push(&mut self, kind: SourceKind, name: String, file: Option<SettingsFile>) {
        let source = file.map(|file| Source::file(kind, name, file));
        self.sources.stack.extend(source);
    }

    /// Whether a source names the tenant, or says that there is none. An invalid one is reported
    /// when it is used.
    fn names_tenant(&self) -> bool {
        let mut sources = self.sources.stack.iter();
        sources.any(|source| !matches!(source.tenant(), Ok(SourceTenant::None)))
    }
}

/// Whether this is the `.env` that would be read anyway; to name it is to trust it.
fn is_dot_env(path: &Path) -> bool {
    match (fs::canonicalize(path), fs::canonicalize(dot_env::PATH)) {
        (Ok(named), Ok(dot_env)) => named == dot_env,
        _ => false,
    }
}

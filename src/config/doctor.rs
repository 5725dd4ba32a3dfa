//! The settings that `doctor` checks: as many as there are, and what is wrong with the others.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;

use super::application::{Application, ApplicationFlags, Needs};
use super::error::ConfigError;
use super::load_context::LoadContext;
use super::missing::Missing;
use super::network::Network;
use super::report::Report;
use super::settings_file::SettingsFile;
use super::sign_in_rules;
use super::source::{Source, SourceKind};
use super::sources::Sources;
use super::stdin;
use super::tenant::TenantRef;
use super::tenant_sources::{Purpose, TenantSources};
use crate::args::DoctorArgs;
use crate::deadline::Deadline;
use crate::escape;
use crate::keys::Algorithm;
use crate::output::SettingOrigin;
use crate::settings::{self, Setting};

/// The settings that `doctor` checks.
pub(crate) struct DoctorSettings {
    pub(crate) tenant: Option<TenantRef>,
    pub(crate) application: Option<Application>,
    pub(crate) network: Network,
    pub(crate) realm: Option<String>,
    pub(crate) algorithms: Vec<Algorithm>,
    /// Why the others are missing.
    pub(crate) problem: Option<ConfigError>,
    /// Where each came from.
    pub(crate) settings: Vec<SettingOrigin>,
}

/// Settings that a sign-in reads besides, by their forms.
const FURTHER: [&[Setting]; 8] = [
    &[settings::AUDIENCE],
    &[settings::SCOPE],
    &[settings::ORGANIZATION],
    &[settings::FORWARDED_FOR],
    &[settings::EMAIL],
    &[settings::PASSWORD, settings::PASSWORD_FILE],
    &[settings::OTP],
    &[settings::TOTP_SECRET_FILE],
];

impl DoctorSettings {
    /// Reads the settings. Fails only where a file of settings cannot be read.
    pub(crate) fn load(args: DoctorArgs, context: &LoadContext<'_>) -> Result<Self, ConfigError> {
        let flags = &args.tenant;
        stdin::read_once([(
            stdin::is_stdin(flags.client_secret_file.as_deref()),
            "--client-secret-file -",
        )])?;
        let is_tenant_known = flags.domain.is_some() || flags.issuer.is_some();
        let deadline = Deadline::after(Duration::from_secs_f64(flags.timeout));
        let sources = Sources::read(&flags.file, deadline, is_tenant_known, context)?;
        Self::of_sources(args, &sources)
    }

    /// The settings in the text of a settings file alone.
    pub(crate) fn of_file(
        args: DoctorArgs,
        text: &[u8],
        path: &Path,
        report: &Report,
    ) -> Result<Self, ConfigError> {
        let file = SettingsFile::parse(text, path, report)?;
        let name = escape::path(path);
        let sources = Sources {
            stack: vec![Source::file(SourceKind::EnvFile, name, file)],
            report,
            deadline: Deadline::after(Duration::from_secs_f64(args.tenant.timeout)),
        };
        let settings = Self::of_sources(args, &sources)?;
        let problem = settings.problem.map(|problem| match problem {
            ConfigError::Missing(settings) => ConfigError::MissingForSetup(settings),
            other => other,
        });
        Ok(Self {
            problem,
            ..settings
        })
    }

    fn of_sources(args: DoctorArgs, sources: &Sources<'_>) -> Result<Self, ConfigError> {
        let flags = &args.tenant;
        let recipient = sources.tenant(flags.domain.as_deref(), flags.issuer.as_deref())?;
        let sources = TenantSources::new(sources, recipient.as_ref(), Purpose::Login);
        Ok(Self::resolve(args, &sources))
    }

    fn resolve(args: DoctorArgs, sources: &TenantSources<'_, '_>) -> Self {
        let (mut problems, typed, flags) = (Problems::default(), typed(&args), &args.tenant);
        let tenant = problems.collect(sources.tenant(flags.discovery_url.as_deref()));
        let algorithms = sign_in_rules::algorithms(args.algorithm, sources);
        let algorithms = problems.collect(algorithms);
        let algorithms = algorithms.unwrap_or_else(|| vec![Algorithm::RS256]);
        let needs = Needs {
            authentication: false,
            secret: algorithms.iter().any(|one| one.is_symmetric()),
        };
        let application = ApplicationFlags::new(&args.application, flags, needs);
        let application = problems.collect(Application::load(application, sources));
        let realm = problems.collect(sources.text(args.realm, settings::REALM));
        let ca_file = sources.path(flags.ca_file.clone(), settings::CA_FILE);
        let ca_file = problems.collect(ca_file);
        for (setting, value) in &typed {
            sources.report.flag(*setting, value.is_some());
        }
        for forms in FURTHER {
            if !typed
                .iter()
                .any(|(setting, value)| *setting == forms[0] && value.is_some())
            {
                problems.collect(sources.find(forms).map(|_| ()));
            }
        }
        Self {
            tenant,
            application,
            network: Network::new(ca_file.flatten(), sources.deadline),
            realm: realm.flatten(),
            algorithms,
            problem: problems.into_first(),
            settings: origins(&typed, sources),
        }
    }
}

/// The first problem of the settings, and all that are missing.
#[derive(Default)]
struct Problems {
    missing: Missing,
    first: Option<ConfigError>,
}

impl Problems {
    fn collect<T>(&mut self, result: Result<T, ConfigError>) -> Option<T> {
        match self.missing.collect(result) {
            Ok(value) => value,
            Err(error) => {
                self.first.get_or_insert(error);
                None
            }
        }
    }

    fn into_first(self) -> Option<ConfigError> {
        self.first.or_else(|| self.missing.check().err())
    }
}

/// The values that flags give to settings that are no secrets.
fn typed(args: &DoctorArgs) -> Vec<(Setting, Option<String>)> {
    let flags = &args.tenant;
    let path = |path: &Option<PathBuf>| path.as_deref().map(escape::path);
    let algorithm = args.algorithm.iter().map(|one| one.name());
    let algorithm = Some(algorithm.collect::<Vec<_>>().join(","));
    let algorithm = algorithm.filter(|names| !names.is_empty());
    vec![
        (settings::DOMAIN, flags.domain.clone()),
        (settings::ISSUER, flags.issuer.clone()),
        (settings::CLIENT_ID, flags.client_id.clone()),
        (
            settings::CLIENT_SECRET_FILE,
            path(&flags.client_secret_file),
        ),
        (
            settings::CLIENT_KEY_FILE,
            path(&args.application.client_key_file),
        ),
        (settings::AUDIENCE, flags.audience.clone()),
        (settings::SCOPE, flags.scope.clone()),
        (settings::ORGANIZATION, flags.organization.clone()),
        (settings::REALM, args.realm.clone()),
        (settings::ALGORITHM, algorithm),
        (
            settings::CLIENT_KEY_ID,
            args.application.client_key_id.clone(),
        ),
        (settings::PROFILE, flags.file.profile.clone()),
        (settings::CA_FILE, path(&flags.ca_file)),
    ]
}

/// Where each setting came from, with its value unless that is a secret.
fn origins(
    typed: &[(Setting, Option<String>)],
    sources: &TenantSources<'_, '_>,
) -> Vec<SettingOrigin> {
    let value = |setting: Setting| {
        if setting.is_secret() {
            return None;
        }
        let given = typed.iter().find(|(one, _)| *one == setting);
        given.and_then(|(_, value)| value.clone()).or_else(|| {
            let (_, found) = sources.peek(&[setting]).ok().flatten()?;
            Some(found.value.expose_secret().to_owned())
        })
    };
    let origins = sources.report.origins().into_iter();
    let origins = origins.map(|(setting, source)| SettingOrigin {
        name: setting.variable,
        is_secret: setting.is_secret(),
        value: value(setting),
        source,
    });
    origins.collect()
}

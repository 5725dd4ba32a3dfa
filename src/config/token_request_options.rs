//! What a token request carries besides the grant: the user's IP address, and fields for Actions.

use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};

use super::error::ConfigError;
use super::found::Found;
use super::permissions::warn_if_others_can_read;
use super::tenant_sources::TenantSources;
use crate::args::{self, ApplicationArgs};
use crate::escape;
use crate::input::typed_secret;
use crate::settings;

/// The fields that may be given twice: the APIs of RFC 8707 §2.
const REPEATABLE: [&str; 1] = ["resource"];

/// What goes along with each request to the token endpoint.
#[derive(Debug, Default)]
pub(crate) struct TokenRequestOptions {
    /// The user's IP address, by which Auth0's attack protection then counts.
    pub(crate) forwarded_for: Option<IpAddr>,
    /// None is a field of padlock's own, and only [`REPEATABLE`] names are given twice.
    pub(crate) parameters: Vec<(String, SecretString)>,
    /// How many of the first parameters are no secrets.
    public: usize,
}

impl TokenRequestOptions {
    /// Reads the files of secret parameters.
    pub(super) fn new(
        args: ApplicationArgs,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        let (parameters, files) = (args.parameters, args.parameter_files);
        let names = parameters.iter().map(|(name, _)| name);
        let names = names.chain(files.iter().map(|(name, _)| name));
        let mut names: Vec<&str> = names.map(String::as_str).collect();
        names.retain(|name| !REPEATABLE.contains(name));
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            let message = "--parameter gives the same name twice";
            return Err(ConfigError::Combination(message.to_owned()));
        }
        let given = parameters.into_iter();
        let mut parameters: Vec<_> = given.map(|(name, value)| (name, value.into())).collect();
        let public = parameters.len();
        for (name, path) in files {
            let what = format!("the parameter {}", escape::excerpt(&name, 80));
            warn_if_others_can_read(&path, "parameter file", sources.report);
            let value = typed_secret::from_file_or_stdin(&path, &what, sources.deadline)?;
            parameters.push((name, value));
        }
        Ok(Self {
            forwarded_for: None,
            parameters,
            public,
        })
    }

    /// The parameters that are no secrets.
    pub(crate) fn public_parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let public = self.parameters.iter().take(self.public);
        public.map(|(name, value)| (name.as_str(), value.expose_secret()))
    }

    /// The same with the user's IP address, where a flag or a setting gives it.
    pub(super) fn forwarded_for(
        self,
        flag: Option<IpAddr>,
        sources: &TenantSources<'_, '_>,
    ) -> Result<Self, ConfigError> {
        sources.report.flag(settings::FORWARDED_FOR, flag.is_some());
        let found = match flag {
            Some(_) => None,
            None => sources.find(&[settings::FORWARDED_FOR])?,
        };
        let found = found.map(|found| address(&found)).transpose()?;
        let forwarded_for = flag.or(found);
        Ok(Self {
            forwarded_for,
            ..self
        })
    }
}

fn address(found: &Found<'_, '_>) -> Result<IpAddr, ConfigError> {
    args::address(&found.text()?).map_err(|problem| found.invalid(problem))
}

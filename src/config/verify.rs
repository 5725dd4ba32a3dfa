//! Whose tokens `verify` trusts, which flags alone decide, and how it reaches them.

use std::path::PathBuf;

use url::Url;

use super::env_file::EnvFile;
use super::sources::Sources;
use super::{ClientCredentials, ConfigError, Network, Variables, network, tenant};
use crate::args::{
    ApplicationArgs, ClientCredentialsArgs, KeyArgs, TenantArgs, TokenOutput, VerifyArgs,
};

/// Where the keys come from.
#[derive(Debug)]
pub(crate) enum KeySource {
    /// Issuers, each found by discovery; never empty, none twice.
    Issuers(Vec<String>),
    /// A key set by its address.
    Address(Url),
    /// A key set in a file.
    File(PathBuf),
    /// A shared secret in a file.
    Secret(PathBuf),
}

impl KeySource {
    /// The source that the flags name.
    pub(crate) fn load(args: &KeyArgs) -> Result<Self, ConfigError> {
        if !args.issuer.is_empty() {
            let mut issuers = Vec::new();
            for issuer in &args.issuer {
                if !issuers.contains(issuer) {
                    issuers.push(tenant::issuer(issuer)?);
                }
            }
            return Ok(Self::Issuers(issuers));
        }
        match (&args.jwks, &args.secret_file) {
            (Some(address), _) if address.contains("://") => {
                Ok(Self::Address(tenant::key_set_address(address)?))
            }
            (Some(file), _) => Ok(Self::File(file.into())),
            (None, Some(file)) => Ok(Self::Secret(file.clone())),
            (None, None) => Err(ConfigError::NoKeys),
        }
    }
}

/// The Management API of an Auth0 tenant: its identifier, and where its paths begin.
pub(crate) fn management_api(issuer: &str) -> String {
    format!("{}/api/v2/", issuer.trim_end_matches('/'))
}

impl VerifyArgs {
    /// How the issuers are reached, and a word for the person about a setting that was passed over.
    pub(crate) fn network(
        &self,
        variables: Variables<'_>,
    ) -> Result<(Network, Vec<String>), ConfigError> {
        let args = self.tenant(None);
        let sources = Sources {
            variables,
            file: EnvFile::load(&args)?,
        };
        let (ca_file, notes) = tenant::ca_file_for_flags(&args, &sources)?;
        Ok((network(&args, ca_file), notes))
    }

    /// The application that asks the Management API of `issuer` for roles.
    pub(crate) fn roles_application(
        &self,
        issuer: &str,
        variables: Variables<'_>,
    ) -> Result<ClientCredentials, ConfigError> {
        let tenant = self.tenant(Some(issuer));
        let (output, application) = (TokenOutput::AccessToken, ApplicationArgs::default());
        ClientCredentials::load(
            &ClientCredentialsArgs {
                output,
                application,
                tenant,
            },
            variables,
        )
    }

    fn tenant(&self, issuer: Option<&str>) -> TenantArgs {
        TenantArgs {
            domain: None,
            issuer: issuer.map(str::to_owned),
            client_id: self.network.client_id.clone(),
            client_secret_file: self.network.client_secret_file.clone(),
            audience: issuer.map(management_api),
            scope: None,
            ca_file: self.network.ca_file.clone(),
            timeout: self.network.timeout,
            env_file: self.network.env_file.clone(),
            profile: self.network.profile.clone(),
        }
    }
}

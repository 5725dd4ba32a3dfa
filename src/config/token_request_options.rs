//! What a token request carries besides the grant: the user's IP address, and fields for Actions.

use std::net::IpAddr;

use super::error::ConfigError;
use super::source::Sources;
use crate::args;
use crate::settings;

/// What goes along with each request to the token endpoint.
#[derive(Debug, Default)]
pub(crate) struct TokenRequestOptions {
    /// The user's IP address, by which Auth0's attack protection then counts.
    pub(crate) forwarded_for: Option<IpAddr>,
    /// Names are unique, and none is a field of padlock's own.
    pub(crate) parameters: Vec<(String, String)>,
}

impl TokenRequestOptions {
    /// Checks that no name is given twice.
    pub(super) fn new(parameters: Vec<(String, String)>) -> Result<Self, ConfigError> {
        let mut names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            let message = "--parameter gives the same name twice";
            return Err(ConfigError::Combination(message.to_owned()));
        }
        Ok(Self {
            forwarded_for: None,
            parameters,
        })
    }

    /// The same with the user's IP address, where a flag or a setting gives it.
    pub(super) fn forwarded_for(
        self,
        flag: Option<IpAddr>,
        sources: &Sources<'_>,
    ) -> Result<Self, ConfigError> {
        let forwarded_for = match (flag, sources.text(None, settings::FORWARDED_FOR)?) {
            (Some(address), _) => Some(address),
            (None, Some(text)) => {
                let name = settings::FORWARDED_FOR.variable;
                let address = args::address(&text);
                Some(address.map_err(|problem| ConfigError::invalid(name, problem))?)
            }
            (None, None) => None,
        };
        Ok(Self {
            forwarded_for,
            ..self
        })
    }
}

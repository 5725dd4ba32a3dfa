//! What the token endpoint is told besides the grant: the user's own address, and fields for Actions.

use std::net::IpAddr;

use super::ConfigError;
use super::sources::Sources;
use crate::args::{ApplicationArgs, LoginArgs};

/// What goes along with each request to the token endpoint.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    /// The user's own address, which Auth0's attack protection then counts by.
    pub(crate) forwarded_for: Option<IpAddr>,
    /// Names are unique, and none is one of padlock's own.
    pub(crate) parameters: Vec<(String, String)>,
}

pub(super) fn of_login(args: &LoginArgs, sources: &Sources<'_>) -> Result<Extras, ConfigError> {
    let forwarded_for = match (
        args.forwarded_for,
        sources.text(None, "AUTH0_FORWARDED_FOR")?,
    ) {
        (Some(address), _) => Some(address),
        (None, Some(text)) => Some(text.parse().map_err(|_| ConfigError::Invalid {
            name: "AUTH0_FORWARDED_FOR".into(),
            problem: "an IPv4 or IPv6 address is meant".into(),
        })?),
        (None, None) => None,
    };
    Ok(Extras {
        forwarded_for,
        ..of_application(&args.application)?
    })
}

pub(super) fn of_application(args: &ApplicationArgs) -> Result<Extras, ConfigError> {
    let mut names: Vec<&str> = args
        .parameters
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(ConfigError::Invalid {
            name: "--parameter".into(),
            problem: "a name stands there twice".into(),
        });
    }
    Ok(Extras {
        forwarded_for: None,
        parameters: args.parameters.clone(),
    })
}

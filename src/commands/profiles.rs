//! `padlock profiles`: the profiles, without any request.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::args::ProfilesArgs;
use crate::config::{self, Named, Profile, SessionChoice, TenantRef};
use crate::context::Context;
use crate::escape;
use crate::failure::Failure;
use crate::output::{ProfileStatus, Profiles};
use crate::session::Sessions;
use crate::state::StateError;

/// No session is read, so that no keyring is waited for.
const NO_KEYRING: Duration = Duration::ZERO;

/// Runs the command.
pub(crate) fn profiles(
    args: &ProfilesArgs,
    context: &Context<'_>,
) -> Result<Zeroizing<String>, Failure> {
    let profiles = context.load(|context| Ok(config::profiles(context)))?;
    if profiles.is_empty() {
        (context.note)("there are no profiles yet; padlock setup writes one");
    }
    let sessions = Sessions::open(context.variables, NO_KEYRING)?;
    let profiles: Result<_, Failure> = profiles
        .into_iter()
        .map(|profile| status(profile, sessions.as_ref()))
        .collect();
    let profiles = Profiles {
        profiles: profiles?,
    };
    Ok(Zeroizing::new((args.output.render)(
        &profiles,
        context.stdout,
    )))
}

fn status(profile: Profile, sessions: Option<&Sessions>) -> Result<ProfileStatus, Failure> {
    let file = escape::path(&profile.file);
    let (named, problem) = match profile.names {
        Ok(named) => (named, None),
        Err(error) => (Named::default(), Some(Failure::from(error).message)),
    };
    let tenant = named.tenant.as_ref().and_then(TenantRef::identity);
    let choice = SessionChoice {
        tenant: named.tenant,
        client_id: named.client_id.clone(),
        ..SessionChoice::default()
    };
    let accounts = match sessions.filter(|_| tenant.is_some()) {
        Some(sessions) => accounts(sessions, &choice)?,
        None => Vec::new(),
    };
    Ok(ProfileStatus {
        name: profile.name,
        file,
        tenant,
        client_id: named.client_id,
        sessions: accounts,
        problem,
    })
}

/// The accounts whose sessions are saved, as the index says without a secret.
fn accounts(sessions: &Sessions, choice: &SessionChoice) -> Result<Vec<String>, StateError> {
    let entries = sessions.fitting(choice)?.into_iter();
    Ok(entries.map(|entry| entry.account().to_owned()).collect())
}

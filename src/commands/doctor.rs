//! `padlock doctor`: whether settings, connection, tenant and application are fit for a sign-in.

use zeroize::Zeroizing;

use crate::args::DoctorArgs;
use crate::auth::ProbedGrant;
use crate::config::DoctorSettings;
use crate::context::Context;
use crate::doctor::{diagnose, unreadable};
use crate::failure::{Class, Failure};

/// Runs the command.
pub(crate) fn doctor(
    args: DoctorArgs,
    context: &Context<'_>,
) -> Result<Zeroizing<String>, Failure> {
    let output = args.output;
    let grant = match (args.browser, args.device) {
        (true, _) => ProbedGrant::AuthorizationCode,
        (_, true) => ProbedGrant::Device,
        _ => ProbedGrant::Password,
    };
    let settings = context.load(|context| DoctorSettings::load(args, context));
    let diagnosis = match settings {
        Ok(settings) => diagnose(settings, grant, context),
        Err(failure) => unreadable(failure),
    };
    let text = (output.render)(&diagnosis, context.stdout);
    (context.write)(text.as_bytes()).map_err(|error| {
        let message = format!("the result could not be written: {error}");
        Failure::new(Class::Internal, message)
    })?;
    diagnosis.verdict()?;
    Ok(Zeroizing::default())
}

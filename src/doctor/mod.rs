//! Whether everything that a sign-in needs works, step by step, without signing in.

mod findings;
mod connection;
mod tenant;
mod application;

use crate::auth::ProbedGrant;
use crate::config::DoctorSettings;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Diagnosis;
use findings::Findings;

/// Checks the settings, and the tenant with them.
pub(crate) fn diagnose(
    mut settings: DoctorSettings,
    grant: ProbedGrant,
    context: &Context<'_>,
) -> Diagnosis {
    let mut findings = Findings::default();
    match settings.problem.take() {
        Some(problem) => findings.bad("settings", problem.into()),
        None => findings.good("settings", "complete"),
    }
    let shown = std::mem::take(&mut settings.settings);
    examine(&settings, grant, context, &mut findings);
    Diagnosis {
        settings: shown,
        checks: findings.complete(),
    }
}

/// What there is to say where the settings could not be read.
pub(crate) fn unreadable(failure: Failure) -> Diagnosis {
    let mut findings = Findings::default();
    findings.bad("settings", failure);
    Diagnosis {
        settings: Vec::new(),
        checks: findings.complete(),
    }
}

/// Goes on as far as each step allows; what is not reached stays unknown.
fn examine(
    settings: &DoctorSettings,
    grant: ProbedGrant,
    context: &Context<'_>,
    findings: &mut Findings,
) {
    let Some(tenant) = &settings.tenant else {
        return;
    };
    let http = match context.http(&settings.network) {
        Ok(http) => http,
        Err(error) => return connection::refuse(error, findings),
    };
    if let Some(provider) = tenant::discover(&http, tenant, findings) {
        tenant::check_keys(&http, &provider, settings, findings);
        if let Some(application) = &settings.application {
            let realm = settings.realm.as_deref();
            application::Probe {
                http: &http,
                provider: &provider,
                grant,
                realm,
                clock: context.clock,
            }
            .check(application, findings);
        }
    }
    connection::check_clock(&http, findings);
}

//! `padlock setup`: asks for settings, checks them, and writes them to a profile.

use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::setup_form;
use crate::args::{self, SetupArgs};
use crate::auth::ProbedGrant;
use crate::config::{DoctorSettings, Draft, ProfileFile};
use crate::context::Context;
use crate::deadline::Deadline;
use crate::doctor::diagnose;
use crate::escape;
use crate::failure::{Class, Failure};
use crate::input::Form;
use crate::input::secret;
use crate::output::{Diagnosis, check_lines};
use crate::settings;
use crate::state::StateFolder;

/// Runs the command.
pub(crate) fn setup(args: &SetupArgs, context: &Context<'_>) -> Result<Zeroizing<String>, Failure> {
    let profile = args.profile.as_deref();
    let file = context.load(|context| ProfileFile::open(profile, context))?;
    let must_ask = file.exists() && !args.replace;
    let mut form = None;
    if context.interactivity.is_interactive() {
        form = Some(Form::open()?);
    } else if must_ask {
        return Err(file.exists_error().into());
    }
    let draft = draft(args, &file, form.as_mut())?;
    let (text, lost) = context.load(|context| draft.content(context.report))?;
    if !args.no_check {
        check(args, &file, &text, form.as_mut(), context)?;
    }
    if !lost.is_empty() {
        let lost = lost.join(", ");
        (context.note)(&format!(
            "the profile loses what belongs to another tenant: {lost}"
        ));
    }
    let shown = escape::path(&file.path);
    if let Some(form) = form.as_mut().filter(|_| must_ask)
        && !form.agrees(&format!("Replace {shown}?"))?
    {
        return Err(Failure::new(Class::Usage, "nothing was written"));
    }
    write(&file.path, text.as_bytes())?;
    if let Some(form) = form {
        form.print(&next_step(profile))?;
    }
    Ok(Zeroizing::new(format!("{shown}\n")))
}

fn next_step(profile: Option<&str>) -> String {
    let profile = profile.map(|name| format!(" --profile {}", escape::shell_word(Path::new(name))));
    let profile = profile.unwrap_or_default();
    format!("Sign in with: padlock{profile} --email you@example.com")
}

/// The values of the file, the flags and the person. Fails with everything that is missing.
fn draft<'f>(
    args: &SetupArgs,
    file: &'f ProfileFile,
    form: Option<&mut Form>,
) -> Result<Draft<'f>, Failure> {
    let mut draft = Draft::of(file);
    take_flags(args, &mut draft)?;
    if let Some(form) = form {
        setup_form::fill(form, args, file, &mut draft)?;
    }
    draft.require()?;
    Ok(draft)
}

/// Takes the values that flags give.
fn take_flags(args: &SetupArgs, draft: &mut Draft<'_>) -> Result<(), Failure> {
    let tenants = [
        (settings::DOMAIN, &args.domain),
        (settings::ISSUER, &args.issuer),
    ];
    for (setting, text) in tenants {
        if let Some(text) = text {
            draft.set_tenant(setting, text)?;
        }
    }
    let texts = [
        (settings::CLIENT_ID, &args.client_id),
        (settings::AUDIENCE, &args.audience),
        (settings::REALM, &args.realm),
    ];
    for (setting, text) in texts {
        if let Some(text) = text {
            draft.set(setting, &text.as_str().into());
        }
    }
    if let Some(path) = &args.client_secret_file {
        let deadline = Deadline::after(Duration::from_secs_f64(args.timeout));
        let secret = secret::from_file_or_stdin(path, "the client secret", deadline)?;
        draft.set_secret(Some(secret));
    }
    if let Some(path) = &args.ca_file {
        draft.set(settings::CA_FILE, &absolute(path)?);
    }
    Ok(())
}

/// The path from whichever folder the profile is used in; an empty one stays empty.
fn absolute(path: &Path) -> Result<SecretString, Failure> {
    if path.as_os_str().is_empty() {
        return Ok(SecretString::default());
    }
    let absolute = std::path::absolute(path).ok();
    let text = absolute.as_deref().and_then(Path::to_str);
    text.map(SecretString::from).ok_or_else(|| {
        Failure::new(
            Class::Usage,
            "--ca-file is not valid: its path is not UTF-8",
        )
    })
}

/// What the check found of a grant that the tenant refuses.
const GRANT: &str = "grant";

/// Checks the settings at the tenant. Where something is bad, a person may go on. Whether the
/// password grant is allowed matters to sign-ins with a password alone.
fn check(
    args: &SetupArgs,
    file: &ProfileFile,
    text: &str,
    form: Option<&mut Form>,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let Some(mut doctor) = args::default_doctor() else {
        return Ok(());
    };
    doctor.tenant.timeout = args.timeout;
    let settings = context.load(|context| {
        DoctorSettings::of_file(doctor, text.as_bytes(), &file.path, context.report)
    })?;
    if let Some(form) = &form {
        form.print("\nChecking these settings:")?;
    }
    let diagnosis = diagnose(settings, ProbedGrant::Password, context);
    let verdict = diagnosis.verdict_without(&[GRANT]);
    let Some(form) = form else {
        if let Some(check) = diagnosis.bad(GRANT) {
            let next = check.next_step.as_deref().unwrap_or_default();
            (context.note)(&format!("{}; {next}", check.detail));
        }
        return verdict.map_err(not_written);
    };
    show(form, &diagnosis)?;
    match verdict {
        Err(failure) if !form.agrees("Write the settings anyway?")? => Err(not_written(failure)),
        _ => Ok(()),
    }
}

fn show(form: &Form, diagnosis: &Diagnosis) -> Result<(), Failure> {
    for line in check_lines(diagnosis, form.width()) {
        form.print(&line)?;
    }
    Ok(())
}

/// What to do about an application that the tenant does not accept.
const COMPARE: &str = "compare the client ID and the client secret with the application's Settings, \
                       and give no secret if it has none; ";

/// Says that nothing was written, and how to write it nevertheless.
fn not_written(failure: Failure) -> Failure {
    // How a secret is sent is none of the questions here.
    let hint = failure.hint.clone().map(|hint| match hint {
        hint if hint.contains("--client-auth") => COMPARE.to_owned(),
        hint => hint + "; ",
    });
    let hint = hint.unwrap_or_default();
    let message = format!("nothing was written: {}", failure.message);
    let hint = format!("{hint}--no-check writes settings unchecked");
    Failure { message, ..failure }.hint(hint)
}

/// Replaces the file as a whole, or leaves the old one as it is.
fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let (folder, name) = (path.parent(), path.file_name());
    let (Some(folder), Some(name)) = (folder, name.and_then(|name| name.to_str())) else {
        let message = format!("{} cannot be written to", escape::path(path));
        return Err(Failure::new(Class::Internal, message));
    };
    let folder = StateFolder::of_settings(folder.to_owned())?;
    Ok(folder.write(name, content)?)
}

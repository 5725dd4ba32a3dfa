//! `padlock setup`: asks for settings, checks them, and writes them to a profile.

use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::setup_form::{self, SPACE_AROUND, has_space_around};
use crate::args::{self, SetupArgs};
use crate::auth::ProbedGrant;
use crate::config::{Content, DoctorSettings, Draft, LoadContext, ProfileFile, Report};
use crate::context::Context;
use crate::deadline::Deadline;
use crate::doctor::diagnose;
use crate::escape;
use crate::failure::{Class, Failure};
use crate::input::Form;
use crate::input::typed_secret;
use crate::output::{Diagnosis, check_lines};
use crate::settings;

/// Runs the command.
pub(crate) fn setup(args: &SetupArgs, context: &Context<'_>) -> Result<Zeroizing<String>, Failure> {
    let report = Report::default();
    let run = Run {
        args,
        context,
        report: &report,
    };
    let profile = args.profile.as_deref();
    let file = context.load_with(&report, |context| ProfileFile::open(profile, context))?;
    let must_ask = file.exists() && !args.replace;
    if must_ask && !context.interactivity.is_interactive() {
        return Err(file.exists_error().into());
    }
    let mut form = None;
    if context.interactivity.is_interactive() {
        file.ensure_writable()?;
        form = Some(Form::open()?);
    }
    let draft = run.draft(file, form.as_mut())?;
    if form.is_none() {
        // Not before it is known that nothing is missing: this creates the folder.
        draft.file().ensure_writable()?;
    }
    let sign_in = run.check(&draft, form.as_mut())?;
    let path = draft.file().path.clone();
    run.write(draft, must_ask, form.as_mut())?;
    if let (Some(form), Some(sign_in)) = (form, sign_in) {
        form.print(&sign_in.next_step(profile))?;
    }
    Ok(Zeroizing::new(format!("{}\n", escape::path(&path))))
}

/// What one run works with.
struct Run<'a> {
    args: &'a SetupArgs,
    context: &'a Context<'a>,
    report: &'a Report,
}

/// What to do once the profile is written.
enum SignIn {
    /// With these flags.
    With(&'static str),
    /// What to change at the tenant before.
    Refused(String),
}

impl SignIn {
    fn next_step(&self, profile: Option<&str>) -> String {
        let profile =
            profile.map(|name| format!(" --profile {}", escape::shell_word(Path::new(name))));
        let profile = profile.unwrap_or_default();
        match self {
            Self::With(flags) => format!("Sign in with: padlock{profile} {flags}"),
            Self::Refused(step) => format!("The application may not sign in users yet: {step}"),
        }
    }
}

const PASSWORD: SignIn = SignIn::With("--email you@example.com");

impl Run<'_> {
    /// The values of the file, the flags and the person. Fails with everything that is missing.
    fn draft(&self, file: ProfileFile, form: Option<&mut Form>) -> Result<Draft, Failure> {
        let mut draft = Draft::of(file);
        take_flags(self.args, &mut draft, self.context)?;
        if let Some(form) = form {
            setup_form::fill(form, self.args, &mut draft)?;
        }
        draft.require()?;
        Ok(draft)
    }

    fn content(&self, draft: &Draft) -> Result<Content, Failure> {
        self.context
            .load_with(self.report, |context| draft.content(context.report))
    }

    /// Checks the settings at the tenant, and returns how to sign in. Where something is bad, a
    /// person may go on. Whether the password grant is allowed matters to sign-ins with a password
    /// alone.
    fn check(&self, draft: &Draft, mut form: Option<&mut Form>) -> Result<Option<SignIn>, Failure> {
        let text = self.content(draft)?.text;
        if self.args.no_check {
            return Ok(Some(PASSWORD));
        }
        if let Some(form) = &form {
            form.print("\nChecking these settings:")?;
        }
        let Some(diagnosis) = self.diagnose(draft, &text, ProbedGrant::Password)? else {
            return Ok(Some(PASSWORD));
        };
        let verdict = diagnosis.verdict_without(&[GRANT]);
        let Some(form) = form.as_mut() else {
            if let Some(check) = diagnosis.bad(GRANT) {
                let next = check.next_step.as_deref().unwrap_or_default();
                (self.context.note)(&format!("{}; {next}", check.detail));
            }
            return verdict.map_err(not_written).map(|()| None);
        };
        show(form, &diagnosis)?;
        match verdict {
            Err(failure) if !form.agrees("Write the settings anyway?")? => {
                Err(not_written(failure))
            }
            Err(_) => Ok(None),
            Ok(()) => self.sign_in(draft, &text, &diagnosis).map(Some),
        }
    }

    /// How to sign in: the first way that is not refused.
    fn sign_in(&self, draft: &Draft, text: &str, diagnosis: &Diagnosis) -> Result<SignIn, Failure> {
        let Some(refused) = diagnosis.bad(GRANT) else {
            return Ok(PASSWORD);
        };
        let others = [
            (ProbedGrant::AuthorizationCode, "--browser"),
            (ProbedGrant::Device, "--device"),
        ];
        // At Auth0 it takes an application without a secret.
        let is_device_possible = draft.text(settings::DOMAIN).is_none() || draft.proof().is_none();
        for (grant, flag) in others {
            if grant == ProbedGrant::Device && !is_device_possible {
                continue;
            }
            let found = self.diagnose(draft, text, grant)?;
            if found.is_some_and(|found| found.verdict().is_ok()) {
                return Ok(SignIn::With(flag));
            }
        }
        let step = refused.next_step.clone();
        Ok(SignIn::Refused(
            step.unwrap_or_else(|| refused.detail.clone()),
        ))
    }

    fn diagnose(
        &self,
        draft: &Draft,
        text: &str,
        grant: ProbedGrant,
    ) -> Result<Option<Diagnosis>, Failure> {
        let Some(mut doctor) = args::default_doctor() else {
            return Ok(None);
        };
        doctor.tenant.timeout = self.args.timeout;
        let path = &draft.file().path;
        let settings = self.context.load_with(self.report, |context| {
            DoctorSettings::of_file(doctor, text.as_bytes(), path, context.report)
        })?;
        Ok(Some(diagnose(settings, grant, self.context)))
    }

    /// Writes the profile, once the person agrees to what that replaces.
    fn write(
        &self,
        mut draft: Draft,
        must_ask: bool,
        mut form: Option<&mut Form>,
    ) -> Result<(), Failure> {
        let mut question =
            must_ask.then(|| format!("Replace {}?", escape::path(&draft.file().path)));
        loop {
            let content = self.content(&draft)?;
            if let Some(lost) = &content.lost {
                (self.context.note)(lost);
            }
            if let (Some(form), Some(question)) = (form.as_mut(), &question)
                && !form.agrees(question)?
            {
                return Err(Failure::new(Class::Usage, "nothing was written"));
            }
            if draft.file().replace(content.text.as_bytes())? {
                self.note_others(&draft, form.is_some());
                return Ok(());
            }
            if form.is_none() {
                return Err(draft.file().changed_error().into());
            }
            let load = |context: &LoadContext<'_>| draft.file().reopen(context);
            let file = self.context.load_with(self.report, load)?;
            let shown = escape::path(&file.path);
            draft = draft.onto(file);
            question = Some(format!(
                "Another program has changed {shown} in the meantime. Replace what it has now?"
            ));
        }
    }

    /// Names what stays or is repaired, where no person was shown that.
    fn note_others(&self, draft: &Draft, is_shown: bool) {
        if is_shown {
            return;
        }
        let file = escape::path(&draft.file().path);
        if let Some(repairs) = draft.file().repairs() {
            (self.context.note)(&format!(
                "{file} had lines that padlock cannot read: {repairs}"
            ));
        }
        let others = draft.others();
        if !others.is_empty() {
            (self.context.note)(&format!("{file} keeps {}", others.join(", ")));
        }
    }
}

/// Takes the values that flags give.
fn take_flags(args: &SetupArgs, draft: &mut Draft, context: &Context<'_>) -> Result<(), Failure> {
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
    match &args.client_secret_file {
        Some(path) if path.as_os_str().is_empty() => draft.set_secret(None),
        Some(path) => {
            let deadline = Deadline::after(Duration::from_secs_f64(args.timeout));
            let secret = typed_secret::from_file_or_stdin(path, "the client secret", deadline)?;
            if has_space_around(secret.expose_secret()) {
                (context.note)(SPACE_AROUND);
            }
            draft.set_secret(Some(secret));
        }
        None => {}
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

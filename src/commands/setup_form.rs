//! The dialogue of `padlock setup`: each setting with where the dashboard shows it.

use crate::args::SetupArgs;
use crate::config::{Draft, tenant_setting};
use crate::escape;
use crate::failure::Failure;
use crate::input::{Entry, Field, Form};
use crate::settings::{self, Setting};

const DOMAIN: &str = "The tenant. In the Auth0 dashboard it is the Domain at Applications → your \
                      application → Settings → Basic Information, such as acme.eu.auth0.com. For \
                      another provider, enter its issuer URL, which begins with https://.";
const CLIENT_ID: &str = "The application. Its Client ID is on the same page, below the domain.";
const SECRET: &str = "Its Client Secret is on the same page too. It is not shown here as you type.";
const NO_SECRET: &str = "if the application has none (Native, Single Page Application)";
const AUDIENCE: &str = "The API that access tokens are for: the Identifier at Applications → APIs \
                        → your API → Settings.";
const NO_AUDIENCE: &str = "for none";
const REALM: &str = "The database connection in which users are looked up: a name at \
                     Authentication → Database, such as Username-Password-Authentication.";
const NO_REALM: &str = "to leave it to the tenant's Default Directory";

/// What a person should know of a secret that may have been pasted with too much around it.
pub(super) const SPACE_AROUND: &str =
    "the client secret begins or ends with a space, which is kept as part of it";

/// Whether there is white space at the beginning or the end.
pub(super) fn has_space_around(secret: &str) -> bool {
    secret.trim() != secret
}

/// Asks for what no flag gives.
pub(super) fn fill(form: &mut Form, args: &SetupArgs, draft: &mut Draft) -> Result<(), Failure> {
    introduce(form, draft)?;
    if args.domain.is_none() && args.issuer.is_none() {
        tenant(form, draft)?;
    }
    if args.client_id.is_none() {
        let question = ("Client ID", CLIENT_ID, None);
        text(form, draft, settings::CLIENT_ID, question)?;
    }
    if args.client_secret_file.is_none() {
        secret(form, draft)?;
    }
    if args.audience.is_none() {
        let question = ("Audience", AUDIENCE, Some(NO_AUDIENCE));
        text(form, draft, settings::AUDIENCE, question)?;
    }
    // Only Auth0 has realms.
    if args.realm.is_none() && draft.text(settings::ISSUER).is_none() {
        let question = ("Realm", REALM, Some(NO_REALM));
        text(form, draft, settings::REALM, question)?;
    }
    Ok(())
}

/// Says what will be written, and what of it stays as it is.
fn introduce(form: &Form, draft: &Draft) -> Result<(), Failure> {
    let file = draft.file();
    let path = escape::path(&file.path);
    form.print(&format!(
        "These settings are written to {path}, for you alone to read."
    ))?;
    if !file.exists() {
        return Ok(());
    }
    form.print("It exists; its values are in brackets.")?;
    if let Some(repairs) = file.repairs() {
        form.print(&format!(
            "It has lines that padlock cannot read: {repairs}."
        ))?;
    }
    let others = draft.others();
    if !others.is_empty() {
        let others = others.join(", ");
        form.print(&format!(
            "It also has settings that stay as they are, unless you edit the file: {others}."
        ))?;
    }
    Ok(())
}

fn tenant(form: &mut Form, draft: &mut Draft) -> Result<(), Failure> {
    let current = draft
        .text(settings::DOMAIN)
        .or(draft.text(settings::ISSUER));
    let field = Field {
        explanation: DOMAIN,
        name: "Domain or issuer",
        current,
        none: None,
        is_secret: false,
    };
    let is_valid = |text: &str| match tenant_setting(text.trim()) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    };
    if let Entry::Given(text) = form.ask(&field, &is_valid)? {
        let text = text.trim();
        draft.set_tenant(tenant_setting(text)?, text)?;
    }
    Ok(())
}

fn text(
    form: &mut Form,
    draft: &mut Draft,
    setting: Setting,
    (name, explanation, none): (&str, &str, Option<&str>),
) -> Result<(), Failure> {
    let field = Field {
        explanation,
        name,
        current: draft.text(setting),
        none,
        is_secret: false,
    };
    match form.ask(&field, &|_| Ok(()))? {
        Entry::Kept => {}
        Entry::Removed => draft.set(setting, &"".into()),
        // What is pasted often has a space around it.
        Entry::Given(text) => draft.set(setting, &text.trim().into()),
    }
    Ok(())
}

fn secret(form: &mut Form, draft: &mut Draft) -> Result<(), Failure> {
    let current = draft.proof();
    let field = Field {
        explanation: SECRET,
        name: "Client secret",
        current: current.as_deref(),
        none: Some(NO_SECRET),
        is_secret: true,
    };
    match form.ask(&field, &|_| Ok(()))? {
        Entry::Kept => {}
        Entry::Removed => draft.set_secret(None),
        Entry::Given(secret) => {
            if has_space_around(&secret) {
                form.print(&format!("Note: {SPACE_AROUND}."))?;
            }
            draft.set_secret(Some(secret.as_str().into()));
        }
    }
    Ok(())
}

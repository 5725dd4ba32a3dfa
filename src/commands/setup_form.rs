//! The dialogue of `padlock setup`: each setting with where the dashboard shows it.

use crate::args::SetupArgs;
use crate::config::{Draft, ProfileFile, tenant_setting};
use crate::escape;
use crate::failure::Failure;
use crate::input::{Entry, Field, Form};
use crate::settings::{self, Setting};

const DOMAIN: &str = "The tenant. In the Auth0 dashboard it is the Domain at Applications → your \
                      application → Settings → Basic Information, such as acme.eu.auth0.com. For \
                      another provider, enter its issuer URL, which begins with https://.";
const CLIENT_ID: &str = "The application. Its Client ID is on the same page, below the domain.";
const SECRET: &str = "Its Client Secret is on the same page too. It is not shown here as you type. \
                      Press Enter if the application has none (Native, Single Page Application).";
const AUDIENCE: &str = "The API that access tokens are for: the Identifier at Applications → APIs \
                        → your API → Settings. Press Enter for none.";
const REALM: &str = "The database connection in which users are looked up: a name at \
                     Authentication → Database, such as Username-Password-Authentication. Press \
                     Enter to leave it to the tenant's Default Directory.";

/// Asks for what no flag gives.
pub(super) fn fill(
    form: &mut Form,
    args: &SetupArgs,
    file: &ProfileFile,
    draft: &mut Draft<'_>,
) -> Result<(), Failure> {
    let path = escape::path(&file.path);
    form.print(&format!(
        "These settings are written to {path}, for you alone to read."
    ))?;
    if file.exists() {
        form.print("It exists: Enter keeps a value in brackets, - removes one.")?;
    }
    if args.domain.is_none() && args.issuer.is_none() {
        tenant(form, draft)?;
    }
    if args.client_id.is_none() {
        let question = ("Client ID", CLIENT_ID);
        text(form, draft, settings::CLIENT_ID, question, true)?;
    }
    if args.client_secret_file.is_none() {
        secret(form, draft)?;
    }
    if args.audience.is_none() {
        text(
            form,
            draft,
            settings::AUDIENCE,
            ("Audience", AUDIENCE),
            false,
        )?;
    }
    // Only Auth0 has realms.
    if args.realm.is_none() && draft.text(settings::ISSUER).is_none() {
        text(form, draft, settings::REALM, ("Realm", REALM), false)?;
    }
    Ok(())
}

fn tenant(form: &mut Form, draft: &mut Draft<'_>) -> Result<(), Failure> {
    let current = draft
        .text(settings::DOMAIN)
        .or(draft.text(settings::ISSUER));
    let field = Field {
        explanation: DOMAIN,
        name: "Domain or issuer",
        current,
        is_required: true,
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
    draft: &mut Draft<'_>,
    setting: Setting,
    (name, explanation): (&str, &str),
    is_required: bool,
) -> Result<(), Failure> {
    let field = Field {
        explanation,
        name,
        current: draft.text(setting),
        is_required,
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

fn secret(form: &mut Form, draft: &mut Draft<'_>) -> Result<(), Failure> {
    let field = Field {
        explanation: SECRET,
        name: "Client secret",
        current: draft.has_secret().then_some("saved"),
        is_required: false,
        is_secret: true,
    };
    match form.ask(&field, &|_| Ok(()))? {
        Entry::Kept => {}
        Entry::Removed => draft.set_secret(None),
        Entry::Given(secret) => draft.set_secret(Some(secret.as_str().into())),
    }
    Ok(())
}

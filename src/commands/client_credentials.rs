//! `padlock client-credentials`: an access token for the application itself.

use zeroize::Zeroizing;

use crate::Surroundings;
use crate::args::{ClientCredentialsArgs, TokenOutput};
use crate::auth::Client;
use crate::config::ClientCredentials;
use crate::error::Error;
use crate::http::Http;
use crate::output::{self, TokenForm};
use crate::provider::Provider;

/// Runs the command.
pub(crate) fn client_credentials(
    args: &ClientCredentialsArgs,
    surroundings: &Surroundings<'_>,
) -> Result<Zeroizing<String>, Error> {
    let settings = ClientCredentials::load(args, surroundings.variables)?;
    surroundings.tell(&settings.notes);
    let http = Http::new(&settings.network, surroundings)?;
    let provider = Provider::find(&http, &settings.place)?;
    let client = Client::new(
        &http,
        &provider,
        &settings.application,
        &settings.extras,
        surroundings.clock,
    );
    let answer = client.client_credentials(&settings)?;
    let token = answer.bearer().map_err(|problem| Error::Lacking {
        problem,
        hint: None,
    })?;
    Ok(match args.output {
        TokenOutput::AccessToken => output::token(token, TokenForm::Bare),
        TokenOutput::Header => output::token(token, TokenForm::Header),
        TokenOutput::Curl => output::token(token, TokenForm::Curl),
        TokenOutput::Json => output::token_json(&answer, token, surroundings.stdout),
        TokenOutput::Tokens => output::whole_answer(&answer, surroundings.stdout),
    })
}

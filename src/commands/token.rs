//! `padlock token`: a valid access token of the saved session.

use zeroize::Zeroizing;

use super::login::login;
use super::session_token::session_token;
use crate::args::{self, TokenArgs};
use crate::config::handover_of_token as handover;
use crate::context::Context;
use crate::failure::{Class, Failure};
use crate::input;
use crate::output::Prints;
use crate::session::WantedToken;

/// Runs the command.
pub(crate) fn token(args: &TokenArgs, context: &Context<'_>) -> Result<Zeroizing<String>, Failure> {
    let form = args.output;
    let handover = context.load(|context| handover(args, context))?;
    let wanted = match form.prints {
        Prints::IdToken | Prints::ExecCredential => WantedToken::Id,
        _ => WantedToken::Access,
    };
    let token = match session_token(&args.session, wanted, context) {
        Err(failure) if failure.class == Class::NoSession => {
            sign_in_again(args, failure, context)?;
            session_token(&args.session, wanted, context)?
        }
        token => token?,
    };
    let text = (form.render)(&token.tokens(), context.destination(&handover))?;
    let Some(lost) = token.lost else {
        return Ok(text);
    };
    // The last token of the session is of use, though there will be no other.
    (context.write)(text.as_bytes()).map_err(|error| {
        let message = format!("the result could not be written: {error}");
        Failure::new(Class::Internal, message)
    })?;
    Err(lost)
}

/// Offers a person to sign in again, in place of a session that has ended.
fn sign_in_again(args: &TokenArgs, failure: Failure, context: &Context<'_>) -> Result<(), Failure> {
    let again = args::sign_in_again(&args.session);
    let Some(again) = again.filter(|_| context.interactivity.is_interactive()) else {
        return Err(failure);
    };
    let notice = format!("padlock: {}.", failure.message);
    if !input::confirmation(&notice, "Sign in again?", true)? {
        return Err(failure);
    }
    login(again, context).map(drop)
}

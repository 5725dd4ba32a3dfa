//! Signs in with a browser on another device: the code, the wait, the tokens.

use std::time::{Duration, Instant};

use super::start::{Binding, SignInStart, SignInTokens};
use crate::auth::{Client, DeviceCode, DeviceStatus};
use crate::context::Context;
use crate::escape;
use crate::failure::Failure;
use crate::input::{Countdown, InputError, QrStyle, Terminal};
use crate::output::SignInAddress;
use crate::response::{DeviceAuthorization, TokenResponse};

/// Columns of a host and a code in a line for people.
const MAX_COLUMNS: usize = 60;

/// Signs in on another device; `account` is the only one that may.
pub(super) fn with_device<'c>(
    account: Option<String>,
    start: SignInStart<'_, 'c>,
) -> Result<SignInTokens<'c>, Failure> {
    let SignInStart {
        client, context, ..
    } = start;
    let endpoint = client.provider.require_device()?;
    let keys = start.keys.if_reachable(true)?;
    let code = client.device_code(&endpoint, start.grant)?;
    let host = escape::host(&client.provider.host(), MAX_COLUMNS);
    let source = start.tenant_from.map(|source| format!(" (from {source})"));
    let host = host + source.as_deref().unwrap_or_default();
    let until = Instant::now() + code.lifetime();
    announce(&host, &code.authorization, context)?;
    let response = confirmed(code, until, &client, context)?;
    let client = client.with_fresh_deadline();
    Ok(SignInTokens {
        response,
        keys: keys.map(|keys| keys.or_retried(&client.http)),
        client,
        user_name: account.clone(),
        binding: Binding {
            account,
            ..Binding::default()
        },
    })
}

/// Polls until the person has confirmed the code. The deadline of each poll is its own.
fn confirmed(
    mut code: DeviceCode,
    until: Instant,
    client: &Client<'_>,
    context: &Context<'_>,
) -> Result<TokenResponse, Failure> {
    let what = "Waiting for the sign-in to be confirmed";
    let mut countdown = Countdown::new(what, until, context.interactivity);
    loop {
        let left = until.saturating_duration_since(Instant::now());
        countdown.pause(code.pause().min(left));
        if code.pause() >= left {
            return Err(code.expired().into());
        }
        let client = client.with_fresh_deadline();
        match client.poll_device(&mut code) {
            Ok(DeviceStatus::Confirmed(response)) => return Ok(*response),
            Ok(DeviceStatus::Pending) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Says where to sign in, and with which code: at the terminal, else on stderr.
fn announce(
    host: &str,
    authorization: &DeviceAuthorization,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let lifetime = Duration::from_secs_f64(authorization.expires_in);
    let code = escape::account(&authorization.user_code, MAX_COLUMNS);
    if !context.interactivity.is_interactive() {
        (context.show_sign_in)(&SignInAddress::Device {
            host,
            address: &authorization.address,
            complete_address: authorization.complete_address.as_deref(),
            code: &code,
            expires_in: lifetime.as_secs(),
        });
        return Ok(());
    }
    let terminal = Terminal::open()?;
    let address = escape::escape(&authorization.address);
    terminal.print(
        &format!("To sign in at {host}, open this address in a browser on any device:"),
        0,
    )?;
    terminal.print(&format!("\n{address}\n\nand enter the code {code}\n"), 0)?;
    draw_code(&terminal, authorization, context)?;
    Ok(())
}

/// The address with the code in it, for the camera of a phone.
fn draw_code(
    terminal: &Terminal,
    authorization: &DeviceAuthorization,
    context: &Context<'_>,
) -> Result<(), InputError> {
    let address = authorization.complete_address.as_ref();
    let address = address.unwrap_or(&authorization.address);
    let style = QrStyle::of_terminal(context.variables);
    let drawn = style
        .zip(terminal.width())
        .and_then(|(style, width)| style.draw(address, width));
    if let Some(drawn) = drawn {
        terminal.print("Or scan this, and compare the code:", 0)?;
        terminal.write(&format!("{drawn}\n"));
    }
    Ok(())
}

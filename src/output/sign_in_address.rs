//! Where a person has to sign in with a browser, for stderr.

use serde_json::json;

use super::failure::{ErrorFormat, line};
use crate::duration;
use crate::escape;

/// Where a person has to sign in with a browser.
pub enum SignInAddress<'a> {
    /// With the browser that returns to padlock.
    Browser {
        /// The server that the person signs in at.
        host: &'a str,
        /// Of its login page.
        address: &'a str,
        /// Whether padlock opens it.
        is_opened: bool,
    },
    /// With a browser anywhere.
    Device {
        /// The server that the person signs in at.
        host: &'a str,
        /// Where the code is entered.
        address: &'a str,
        /// The same with the code in it.
        complete_address: Option<&'a str>,
        /// What is entered, or compared.
        code: &'a str,
        /// How long it is valid, in seconds.
        expires_in: u64,
    },
}

/// The address for stderr, as text or as one JSON object.
#[must_use]
pub fn sign_in_address(sign_in: &SignInAddress<'_>, format: ErrorFormat) -> String {
    match format {
        ErrorFormat::Text => text(sign_in),
        ErrorFormat::Json => json(sign_in),
    }
}

fn text(sign_in: &SignInAddress<'_>) -> String {
    match sign_in {
        SignInAddress::Browser {
            host,
            address,
            is_opened,
        } => {
            let (host, address) = (escape::escape(host), escape::escape(address));
            if *is_opened {
                format!(
                    "padlock: opening the browser to sign in at {host}; if it does not open, go \
                     to: {address}\n"
                )
            } else {
                format!(
                    "padlock: to sign in at {host}, open this address in a browser: {address}\n"
                )
            }
        }
        SignInAddress::Device {
            host,
            address,
            complete_address,
            code,
            expires_in,
        } => {
            let [host, address, code] = [host, address, code].map(|text| escape::escape(text));
            let valid = duration::short(*expires_in);
            let complete = complete_address.map(|address| {
                let address = escape::escape(address);
                format!("padlock: or open the address with the code in it: {address}\n")
            });
            format!(
                "padlock: to sign in at {host}, open {address} in a browser on any device, and \
                 enter the code {code} (valid for {valid})\n{}",
                complete.unwrap_or_default()
            )
        }
    }
}

fn json(sign_in: &SignInAddress<'_>) -> String {
    line(&match sign_in {
        SignInAddress::Browser { address, .. } => json!({ "browser": { "address": address } }),
        SignInAddress::Device {
            address,
            complete_address,
            code,
            expires_in,
            ..
        } => json!({ "device": {
            "verification_uri": address,
            "verification_uri_complete": complete_address,
            "user_code": code,
            "expires_in": expires_in,
        } }),
    })
}

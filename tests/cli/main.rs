//! What padlock promises its users, tested with the real binary against a tenant that speaks HTTP.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot continue should fail at once"
)]

#[path = "../tenant/mod.rs"]
mod tenant;

mod profiles;
mod program;
mod browsing;
mod stream;

mod browser;
mod browser_account;
mod browser_flags;
mod browser_listener;
mod browser_opener;
mod browser_response;
mod browser_saved;
mod browser_terminal;
mod claims;
mod client_authentication;
mod client_authentication_sources;
mod combinations;
mod completions;
mod client_credentials;
#[cfg(target_os = "linux")]
mod demo;
mod device;
mod discovery;
mod doctor;
mod empty_values;
mod error_table;
mod factors;
mod factors_at_terminal;
mod factors_refused;
mod faults;
mod guard;
mod killed;
mod layers;
mod keyboard;
mod handover;
mod limits;
mod login;
mod login_discovery;
mod manual;
#[cfg(target_os = "linux")]
mod memory;
mod network;
mod output;
#[cfg(target_os = "linux")]
mod panics;
mod parameters;
mod password;
mod progress;
mod protocol;
mod prompts;
mod provider_documents;
mod providers;
mod proxy;
mod push;
#[cfg(target_os = "linux")]
mod readme;
mod recordings;
mod recovery_code;
mod redaction;
mod redirects;
mod refused;
mod requirements;
mod resent;
mod responses;
mod roles;
mod rp_conformance;
#[cfg(target_os = "linux")]
mod running;
mod secret_sources;
mod secrets;
mod seldom_sign_in;
mod sessions;
mod setup;
mod setup_existing;
mod settings;
mod settings_dot_env;
mod settings_reported;
mod settings_sources;
mod signals;
mod terminal;
mod time_limit;
mod totp;
mod typed_secrets;
mod untrusted;
mod usage;
mod token_cache;
mod userinfo;
mod values;
mod verbose;
mod warm;
mod verify;
mod verify_input;
mod verify_issuers;
mod verify_key_file;
mod verify_keys;
mod verify_cache;
mod verify_many;
mod verify_messages;
mod verify_outage;
mod verify_recipients;
mod verify_refetch;
mod verify_renewed;
mod verify_seldom;
mod verify_stream;
mod verify_without_kid;

//! One file per command, each a sentence made of the modules above.

mod client_credentials;
mod granted;
mod login;
mod roles;
mod second_factor;
mod verify;

pub(crate) use client_credentials::client_credentials;
pub(crate) use login::login;
pub(crate) use verify::verify;

use crate::Surroundings;
use crate::input::Person;

fn person(surroundings: &Surroundings<'_>) -> Person {
    if surroundings.may_ask {
        Person::AtTerminal
    } else {
        Person::Absent
    }
}

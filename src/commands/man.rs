//! `padlock man`: the manual pages.

use std::fs;
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use crate::args::ManArgs;
use crate::escape;
use crate::failure::{Class, Failure};
use crate::manual;

/// Runs the command.
pub(crate) fn man(args: &ManArgs) -> Result<Zeroizing<String>, Failure> {
    let pages = manual::pages();
    let Some(folder) = &args.folder else {
        let first = pages.into_iter().next();
        return Ok(Zeroizing::new(
            first.map(|page| page.text).unwrap_or_default(),
        ));
    };
    fs::create_dir_all(folder).map_err(|error| not_written(folder, &error))?;
    for page in pages {
        let file = folder.join(page.file);
        fs::write(&file, page.text).map_err(|error| not_written(&file, &error))?;
    }
    Ok(Zeroizing::default())
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} could not be written: {error}", escape::path(path));
    Failure::new(Class::Internal, message).hint("name a folder that you may write to")
}

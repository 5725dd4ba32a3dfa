//! `padlock man`: the manual pages.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
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
        replace(&file, page.text.as_bytes()).map_err(|error| not_written(&file, &error))?;
    }
    Ok(Zeroizing::default())
}

/// Replaces the file itself: where it is a link, what it links to stays as it is.
fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut new = file.as_os_str().to_owned();
    new.push(".new");
    // What an earlier run may have left; a link of another user is not followed either.
    if let Err(error) = fs::remove_file(&new)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut created = File::create_new(&new)?;
    let written = created.write_all(content);
    let replaced = written.and_then(|()| fs::rename(&new, file));
    if replaced.is_err() {
        fs::remove_file(&new).ok();
    }
    replaced
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} could not be written: {error}", escape::path(path));
    Failure::new(Class::Internal, message).hint("name a folder that you may write to")
}

//! Values for the next steps of a job in GitHub Actions: the mask, and the file that sets variables.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use aws_lc_rs::rand;
use zeroize::Zeroizing;

/// The command that makes the runner leave a value out of the log. Its data ends with the line, so
/// the runner decodes these three characters.
pub(super) fn mask(value: &str) -> Zeroizing<String> {
    let mut line = Zeroizing::new(String::with_capacity(3 * value.len() + 16));
    line.push_str("::add-mask::");
    for character in value.chars() {
        match character {
            '%' => line.push_str("%25"),
            '\r' => line.push_str("%0D"),
            '\n' => line.push_str("%0A"),
            other => line.push(other),
        }
    }
    line.push('\n');
    line
}

/// Opens the file that sets variables, to append to it.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Appends variables to the file, in one write.
pub(super) fn append(path: &Path, variables: &[(&str, &str)]) -> io::Result<()> {
    let mut file = open(path)?;
    let length = variables
        .iter()
        .map(|(name, value)| name.len() + value.len());
    let length = length.map(|length| length + 128).sum();
    let mut text = Zeroizing::new(String::with_capacity(length));
    if !ends_with_line(&mut file)? {
        text.push('\n');
    }
    for (name, value) in variables {
        let end = delimiter()?;
        for part in [name, "<<", &end, "\n", value, "\n", &end, "\n"] {
            text.push_str(part);
        }
    }
    file.write_all(text.as_bytes())
}

/// Whether what is appended begins a line. A pipe has no end to look at.
fn ends_with_line(file: &mut File) -> io::Result<bool> {
    if !file.metadata()?.is_file() || file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// A line that no value holds, so that none can end early and set other variables.
fn delimiter() -> io::Result<String> {
    let mut random = [0_u8; 16];
    rand::fill(&mut random).map_err(|_| io::Error::other("no random number could be made"))?;
    let digits = random.iter().map(|byte| format!("{byte:02x}"));
    Ok(format!("padlock_{}", digits.collect::<String>()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The value that the runner masks: it looks for the command at the start of a line, and decodes
    /// the rest of it.
    fn masked(line: &str) -> String {
        let data = line.strip_prefix("::add-mask::").unwrap();
        let data = data.strip_suffix('\n').unwrap();
        assert!(!data.contains(['\r', '\n']), "{data:?}");
        let decoded = data.replace("%0D", "\r").replace("%0A", "\n");
        decoded.replace("%25", "%")
    }

    /// The variables as the runner reads them: `NAME=VALUE`, or `NAME<<END` and lines up to END;
    /// empty lines are ignored.
    fn variables(text: &str) -> BTreeMap<String, String> {
        let mut variables = BTreeMap::new();
        let mut lines = text.split('\n');
        while let Some(line) = lines.next() {
            let heredoc = line.find("<<").unwrap_or(usize::MAX);
            let equals = line.find('=').unwrap_or(usize::MAX);
            if line.is_empty() {
                continue;
            }
            if equals < heredoc {
                let (name, value) = line.split_once('=').unwrap();
                variables.insert(name.to_owned(), value.to_owned());
                continue;
            }
            let (name, end) = line.split_once("<<").expect("a variable");
            let value: Vec<_> = lines.by_ref().take_while(|line| *line != end).collect();
            variables.insert(name.to_owned(), value.join("\n"));
        }
        variables
    }

    const VALUES: [&str; 8] = [
        "",
        "a.b.c",
        "100%25 %0A%0D %",
        "two\nlines\r\nand\n\nmore\n",
        "\n",
        "NAME=value\nPATH<<EOF\n/tmp\nEOF\n",
        "padlock_00\nEVIL=1",
        "::add-mask::x\n::set-env name=a::b",
    ];

    #[test]
    fn the_runner_masks_exactly_the_value() {
        for value in VALUES {
            assert_eq!(masked(&mask(value)), value);
        }
        let ascii: String = ('\0'..='\u{7f}').collect();
        assert_eq!(masked(&mask(&ascii)), ascii);
    }

    #[test]
    fn the_runner_reads_every_value_as_it_was_whatever_the_file_held() {
        let folder = tempfile::tempdir().unwrap();
        for before in ["", "A=1\n", "A=1", "A<<X\n1\nX\n", "A<<X\n1\nX"] {
            let file = folder.path().join("env");
            std::fs::write(&file, before).unwrap();
            for (index, value) in VALUES.iter().enumerate() {
                append(&file, &[(&format!("V{index}"), value), ("LAST", "z")]).unwrap();
            }
            let text = std::fs::read_to_string(&file).unwrap();
            let read = variables(&text);
            for (index, value) in VALUES.iter().enumerate() {
                assert_eq!(read[&format!("V{index}")], *value, "{text}");
            }
            assert_eq!(
                read.len(),
                VALUES.len() + 1 + usize::from(!before.is_empty())
            );
            assert_eq!(
                read.get("A").map(String::as_str),
                (!before.is_empty()).then_some("1")
            );
        }
    }
}

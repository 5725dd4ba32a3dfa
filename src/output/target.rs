//! Where output goes, which decides what is escaped and how wide a table is.

/// Where output goes.
#[derive(Clone, Copy, Debug)]
pub struct OutputTarget {
    /// Whether it is a terminal, which control characters could manipulate.
    pub is_terminal: bool,
    /// The terminal's width in columns, if known.
    pub width: Option<u16>,
}

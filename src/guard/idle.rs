//! The connections of one thread: how many there may be, and which one makes room for another.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use tokio::task::AbortHandle;

/// Open connections, at most as many as the limit.
pub(super) struct Connections {
    open: RefCell<BTreeMap<u64, Open>>,
    next: Cell<u64>,
    limit: usize,
}

struct Open {
    task: AbortHandle,
    last_use: LastUse,
}

/// When a connection was used last.
#[derive(Clone)]
pub(super) struct LastUse(Rc<Cell<Instant>>);

impl LastUse {
    pub(super) fn now() -> Self {
        Self(Rc::new(Cell::new(Instant::now())))
    }

    pub(super) fn renew(&self) {
        self.0.set(Instant::now());
    }
}

impl Connections {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            open: RefCell::default(),
            next: Cell::default(),
            limit,
        }
    }

    /// A number for a connection.
    pub(super) fn number(&self) -> u64 {
        self.next.replace(self.next.get() + 1)
    }

    /// Adds a connection. If there are too many, the one that was not used for longest is closed.
    pub(super) fn add(&self, number: u64, task: AbortHandle, last_use: LastUse) {
        let mut open = self.open.borrow_mut();
        if open.len() >= self.limit {
            let oldest = open.iter().min_by_key(|(_, one)| one.last_use.0.get());
            let oldest = oldest.map(|(number, _)| *number);
            if let Some(oldest) = oldest.and_then(|number| open.remove(&number)) {
                oldest.task.abort();
            }
        }
        if !task.is_finished() {
            open.insert(number, Open { task, last_use });
        }
    }

    pub(super) fn remove(&self, number: u64) {
        self.open.borrow_mut().remove(&number);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.borrow().is_empty()
    }
}

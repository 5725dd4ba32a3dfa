//! The connections of one thread: how many there may be, and which one makes room for another.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use tokio::task::{AbortHandle, spawn_local};

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

    /// Serves a connection in a task of its own, by what `serve` returns. If there are too many, the
    /// one that was not used for longest is closed.
    pub(super) fn start<F>(self: &Rc<Self>, serve: impl FnOnce(LastUse) -> F)
    where
        F: Future<Output = ()> + 'static,
    {
        let number = self.next.replace(self.next.get() + 1);
        let last_use = LastUse(Rc::new(Cell::new(Instant::now())));
        let (all, serving) = (Rc::clone(self), serve(last_use.clone()));
        let task = spawn_local(async move {
            serving.await;
            all.open.borrow_mut().remove(&number);
        });
        let task = task.abort_handle();
        self.make_room();
        self.open
            .borrow_mut()
            .insert(number, Open { task, last_use });
    }

    fn make_room(&self) {
        let mut open = self.open.borrow_mut();
        if open.len() >= self.limit {
            let oldest = open.iter().min_by_key(|(_, one)| one.last_use.0.get());
            let oldest = oldest.map(|(number, _)| *number);
            if let Some(oldest) = oldest.and_then(|number| open.remove(&number)) {
                oldest.task.abort();
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.borrow().is_empty()
    }
}

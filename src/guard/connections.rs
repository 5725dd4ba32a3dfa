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
pub(super) struct LastUse(Rc<Use>);

struct Use {
    time: Cell<Instant>,
    is_under_way: Cell<bool>,
}

impl LastUse {
    pub(super) fn new() -> Self {
        Self(Rc::new(Use {
            time: Cell::new(Instant::now()),
            is_under_way: Cell::new(false),
        }))
    }

    #[cfg(test)]
    pub(super) fn set(&self, time: Instant) {
        self.0.time.set(time);
    }

    /// A request came: now.
    pub(super) fn begin(&self) -> Instant {
        let now = Instant::now();
        self.0.time.set(now);
        self.0.is_under_way.set(true);
        now
    }

    /// The request has its response: now.
    pub(super) fn end(&self) {
        self.0.time.set(Instant::now());
        self.0.is_under_way.set(false);
    }

    /// Since when there has been no request under way; now if there is one.
    pub(super) fn idle_since(&self) -> Instant {
        if self.0.is_under_way.get() {
            Instant::now()
        } else {
            self.0.time.get()
        }
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
        let last_use = LastUse::new();
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
            let oldest = open.iter().min_by_key(|(_, one)| one.last_use.0.time.get());
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

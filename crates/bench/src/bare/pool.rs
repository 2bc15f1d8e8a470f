//! A worker's pool of what takes one request at a time.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A pool that fills as its members are given back. The one used last is used next.
pub(super) struct Pool<T> {
    free: RefCell<Vec<T>>,
    turns: Arc<Semaphore>,
}

impl<T> Pool<T> {
    pub(super) fn of(size: usize) -> Rc<Self> {
        Rc::new(Self {
            free: RefCell::default(),
            turns: Arc::new(Semaphore::new(size.max(1))),
        })
    }

    /// Takes a member, which `make` makes when there is none yet.
    pub(super) async fn take(
        self: &Rc<Self>,
        make: impl AsyncFnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<Taken<T>> {
        let turn = Arc::clone(&self.turns).acquire_owned().await?;
        let free = self.free.borrow_mut().pop();
        let member = match free {
            Some(member) => member,
            None => make().await?,
        };
        Ok(Taken {
            member: Some(member),
            pool: Rc::clone(self),
            is_spoilt: Cell::new(false),
            _turn: turn,
        })
    }
}

/// A member that goes back to its pool when this is dropped.
pub(super) struct Taken<T> {
    member: Option<T>,
    pool: Rc<Pool<T>>,
    is_spoilt: Cell<bool>,
    _turn: OwnedSemaphorePermit,
}

impl<T> Taken<T> {
    /// The member, unless it was moved out.
    pub(super) const fn get(&self) -> Option<&T> {
        self.member.as_ref()
    }

    /// Moves the member out, to be put back.
    pub(super) const fn move_out(&mut self) -> Option<T> {
        self.member.take()
    }

    pub(super) fn put_back(&mut self, member: T) {
        self.member = Some(member);
    }

    /// It does not go back.
    pub(super) fn spoil(&self) {
        self.is_spoilt.set(true);
    }
}

impl<T> Drop for Taken<T> {
    fn drop(&mut self) {
        if let Some(member) = self.member.take().filter(|_| !self.is_spoilt.get()) {
            self.pool.free.borrow_mut().push(member);
        }
    }
}

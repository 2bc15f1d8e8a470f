//! The lives of tickets and loans, against models of them: whatever people do in whatever order,
//! everybody is told what the model says, and what is stored and audited is what the model has.

mod loans;
mod tickets;

use std::collections::BTreeMap;

use portal_domain::audit::AuditAction;
use portal_test_support::{Person, TestWorld};

/// What somebody was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Done,
    NotFound,
    NotInCharge,
    NotNow,
    Locked,
    Unknown,
    NotYours,
}

/// `ada`, whose the ticket is, a colleague, and somebody of another organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Ada,
    Bob,
    Stranger,
}

impl Who {
    const ALL: [Self; 3] = [Self::Ada, Self::Bob, Self::Stranger];

    const fn person(self, world: &TestWorld) -> &Person {
        match self {
            Self::Ada => &world.acme.ada,
            Self::Bob => &world.acme.bob,
            Self::Stranger => &world.globex.ada,
        }
    }
}

/// How often each action has to be in the audit log of `acme`.
#[derive(Default)]
struct Audited(BTreeMap<String, usize>);

impl Audited {
    fn add(&mut self, action: AuditAction) {
        *self.0.entry(action.to_string()).or_default() += 1;
    }

    async fn assert_complete(&self, world: &TestWorld, about: &str) {
        let mut found = BTreeMap::new();
        for entry in world.audit_log(world.acme.id).await {
            let action = entry.action.to_string();
            if action.contains(about) && action != "portal.ticket.create" {
                *found.entry(action).or_insert(0_usize) += 1;
            }
        }
        assert_eq!(found, self.0);
    }
}

fn told<T, E>(result: &Result<T, E>, of: impl Fn(&E) -> Told) -> Told {
    result.as_ref().map_or_else(of, |_| Told::Done)
}

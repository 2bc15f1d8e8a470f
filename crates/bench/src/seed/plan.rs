//! Who there is, and how much of everything they have.

use anyhow::Context as _;
use portal_auth::{Argon2Params, PasswordHasher};
use portal_domain::branding::{self, BrandingChanges};
use portal_domain::environment::SystemEnvironment;
use portal_domain::profiles::{self, NewUser, Role};
use portal_domain::store::{Store, TenantScope};
use portal_test_support::fixtures;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{PASSWORD, Sizes};

/// How many users can sign in at the same time, each from an address of their own.
const SIGNING_IN: usize = 32;

/// Users among whom an organization's other tickets are.
const COLLEAGUES: usize = 10;

/// What an ordinary user has: tickets, and devices in their organization.
const ORDINARY: usize = 60;

/// Where the first organization's portal is.
const DOMAIN: &str = "support.bench.example";

/// A user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// Their id.
    pub id: Uuid,
    /// Their organization.
    pub organization: Uuid,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// How many tickets they have.
    pub tickets: usize,
    /// One of their tickets, unless they have none.
    pub ticket: Option<Uuid>,
}

/// What is in a database that was filled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Seeded {
    /// Somebody with 60 tickets in an organization of 60 devices.
    pub ordinary: User,
    /// Somebody who alone has very many tickets.
    pub prolific: User,
    /// A manager of an organization with very many tickets.
    pub manager: User,
    /// Somebody in an organization of very many devices.
    pub equipped: User,
    /// Somebody whose ticket has a very long conversation.
    pub talker: User,
    /// Users with more and more tickets.
    pub ladder: Vec<User>,
    /// Users for signing in.
    pub signing_in: Vec<User>,
    /// The ordinary user's organization is at this domain.
    pub domain: String,
    /// Devices of the ordinary user's organization.
    pub devices: Vec<Uuid>,
}

/// An organization.
pub(super) struct Organization {
    pub(super) id: Uuid,
    pub(super) devices: usize,
}

/// All people and organizations, which are there already.
pub(super) struct Plan {
    pub(super) organizations: Vec<Organization>,
    users: Vec<User>,
    /// Comments on the talker's ticket.
    pub(super) conversation: usize,
    pub(super) talker: usize,
    ordinary: usize,
    prolific: usize,
    manager: usize,
    equipped: usize,
    ladder: Vec<usize>,
    signing_in: Vec<usize>,
}

/// A ticket that somebody is to have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) user: usize,
}

/// A user to be made.
struct Wanted {
    email: String,
    role: Option<Role>,
    tickets: usize,
}

impl Wanted {
    fn member(email: String, tickets: usize) -> Self {
        Self {
            email,
            role: None,
            tickets,
        }
    }
}

impl Plan {
    /// Makes all organizations and people, by the portal's use cases.
    pub(super) async fn create(store: &dyn Store, sizes: &Sizes) -> anyhow::Result<Self> {
        let hasher = PasswordHasher::new(Argon2Params::default())?;
        let hash = hasher.hash(&PASSWORD.into()).await?;
        let mut plan = Self {
            organizations: Vec::new(),
            users: Vec::new(),
            conversation: sizes.conversation,
            talker: 0,
            ordinary: 0,
            prolific: 0,
            manager: 0,
            equipped: 0,
            ladder: Vec::new(),
            signing_in: Vec::new(),
        };
        let ladder = ladder(sizes.own_tickets);
        let special = sizes.own_tickets + sizes.managed_tickets + ladder.iter().sum::<usize>();
        let organizations = sizes.organizations.max(6);
        let share = sizes.tickets.saturating_sub(special) / (organizations - 3);
        let others = |domain: &str, tickets: usize| {
            let domain = domain.to_owned();
            (0..COLLEAGUES).map(move |number| {
                Wanted::member(format!("user-{number}@{domain}"), tickets / COLLEAGUES)
            })
        };

        // The first organization: an ordinary user, the talker, and those who sign in.
        let mut wanted = vec![
            Wanted::member("ordinary@org-0.example".to_owned(), ORDINARY),
            Wanted::member("talker@org-0.example".to_owned(), 1),
        ];
        let signing = |number| Wanted::member(format!("login-{number}@org-0.example"), 0);
        wanted.extend((0..SIGNING_IN).map(signing));
        wanted.extend(others("org-0.example", share));
        plan.organization(store, &hash, wanted, ORDINARY).await?;
        plan.talker = 1;
        plan.signing_in = (2..2 + SIGNING_IN).collect();
        plan.open_portal(store).await?;

        // One user with many tickets.
        plan.prolific = plan.users.len();
        let wanted = vec![Wanted::member(
            "prolific@org-1.example".to_owned(),
            sizes.own_tickets,
        )];
        plan.organization(store, &hash, wanted, ORDINARY).await?;

        // A manager of many tickets.
        plan.manager = plan.users.len();
        let mut wanted = vec![Wanted {
            role: Some(Role::Manager),
            ..Wanted::member("manager@org-2.example".to_owned(), ORDINARY)
        }];
        wanted.extend(others("org-2.example", sizes.managed_tickets));
        plan.organization(store, &hash, wanted, ORDINARY).await?;

        // Many devices.
        plan.equipped = plan.users.len();
        let mut wanted = vec![Wanted::member(
            "equipped@org-3.example".to_owned(),
            ORDINARY,
        )];
        wanted.extend(others("org-3.example", share));
        plan.organization(store, &hash, wanted, sizes.devices)
            .await?;

        // More and more tickets.
        let rungs = ladder.iter().enumerate();
        let wanted = rungs
            .map(|(rung, tickets)| Wanted::member(format!("rung-{rung}@org-4.example"), *tickets));
        let wanted: Vec<_> = wanted.collect();
        plan.ladder = (plan.users.len()..plan.users.len() + wanted.len()).collect();
        plan.organization(store, &hash, wanted, ORDINARY).await?;

        for number in 5..organizations {
            let wanted = others(&format!("org-{number}.example"), share).collect();
            plan.organization(store, &hash, wanted, ORDINARY).await?;
        }
        Ok(plan)
    }

    async fn organization(
        &mut self,
        store: &dyn Store,
        hash: &str,
        wanted: Vec<Wanted>,
        devices: usize,
    ) -> anyhow::Result<()> {
        let env = &SystemEnvironment;
        let name = format!("Organization {}", self.organizations.len());
        let organization = fixtures::organization(store, env, &name).await;
        let scope = TenantScope::of(organization.id);
        let by = fixtures::operator();
        let users = fixtures::change(store, env, scope, &by, async |op| {
            let mut users = Vec::new();
            for (number, wanted) in wanted.iter().enumerate() {
                let new = NewUser {
                    name: format!("Person {number}").parse().ok(),
                    role: wanted.role,
                    ..fixtures::new_user(&wanted.email, Some(hash))
                };
                users.push(profiles::create(op, new, false).await?);
            }
            Ok::<_, profiles::UserError>(users)
        })
        .await;
        let named = users.into_iter().zip(wanted).map(|(user, wanted)| User {
            id: user.id.into(),
            organization: organization.id.into(),
            email: user.email.to_string(),
            name: user.name.map(|name| name.to_string()).unwrap_or_default(),
            tickets: wanted.tickets,
            ticket: None,
        });
        self.users.extend(named);
        self.organizations.push(Organization {
            id: organization.id.into(),
            devices,
        });
        Ok(())
    }

    /// Gives the first organization a domain and all features.
    async fn open_portal(&self, store: &dyn Store) -> anyhow::Result<()> {
        let first = self.organizations.first().context("an organization")?;
        let changes = BrandingChanges {
            custom_domain: Some(Some(DOMAIN.parse()?)),
            enable_colleagues: Some(true),
            ..BrandingChanges::default()
        };
        let (env, by) = (&SystemEnvironment, fixtures::operator());
        let scope = TenantScope::of(first.id.into());
        fixtures::change(store, env, scope, &by, async |op| {
            branding::change(op, changes).await?;
            branding::verify_domain(op).await
        })
        .await;
        Ok(())
    }

    pub(super) fn user(&self, number: usize) -> Option<&User> {
        self.users.get(number)
    }

    /// Somebody else of the same organization.
    pub(super) fn colleague_of(&self, number: usize) -> Option<&User> {
        let user = self.users.get(number)?;
        // The ordinary user is on their colleagues' tickets.
        let ordinary = self.users.get(self.ordinary)?;
        if user.organization == ordinary.organization && number != self.ordinary {
            return number.is_multiple_of(3).then_some(ordinary);
        }
        let next = self.users.get(number + 1)?;
        (next.organization == user.organization).then_some(next)
    }

    /// All tickets that are to be, by who is to have them.
    pub(super) fn slots(&self) -> Vec<Slot> {
        let numbered = self.users.iter().enumerate();
        numbered
            .flat_map(|(user, it)| std::iter::repeat_n(Slot { user }, it.tickets))
            .collect()
    }

    /// What is in the database, once `ticket` knows a ticket of each user.
    pub(super) fn seeded(
        &self,
        devices: &[Uuid],
        ticket: impl Fn(usize) -> Option<Uuid>,
    ) -> anyhow::Result<Seeded> {
        let user = |number: usize| {
            let user = self.users.get(number).context("a user")?;
            Ok::<_, anyhow::Error>(User {
                ticket: ticket(number),
                ..user.clone()
            })
        };
        let users = |numbers: &[usize]| numbers.iter().map(|number| user(*number)).collect();
        let ladder: anyhow::Result<_> = users(&self.ladder);
        let signing_in: anyhow::Result<_> = users(&self.signing_in);
        Ok(Seeded {
            ordinary: user(self.ordinary)?,
            prolific: user(self.prolific)?,
            manager: user(self.manager)?,
            equipped: user(self.equipped)?,
            talker: user(self.talker)?,
            ladder: ladder?,
            signing_in: signing_in?,
            domain: DOMAIN.to_owned(),
            devices: devices.to_vec(),
        })
    }
}

/// Numbers of tickets from few to many.
fn ladder(most: usize) -> Vec<usize> {
    let mut rungs: Vec<usize> = [60, 200, 1_000, 5_000, 20_000]
        .into_iter()
        .filter(|rung| *rung < most)
        .collect();
    rungs.push(most);
    rungs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_ends_with_the_most() {
        assert_eq!(ladder(20_000), [60, 200, 1_000, 5_000, 20_000]);
        assert_eq!(ladder(500), [60, 200, 500]);
        assert_eq!(ladder(10), [10]);
    }
}

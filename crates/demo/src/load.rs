//! Loads the organizations that are missing.

use portal_domain::environment::Environment;
use portal_domain::ids::OrganizationId;
use portal_domain::notifications::OutboxState;
use portal_domain::operation::Operation;
use portal_domain::organizations::{self, NewOrganization, Organization};
use portal_domain::store::{StorageError, Store, TenantScope, TenantTransaction};

use crate::clock::{DemoClock, TODAY};
use crate::error::{DemoError, parse};
use crate::fill::{fill, operator};
use crate::report::{DemoReport, DemoSignIn};
use crate::{acme, globex, script};

/// The stories that are told.
static STORIES: [&script::Organization; 2] = [&acme::STORY, &globex::STORY];

/// Loads the demo data, once: a second call changes nothing, and one after a process that died
/// half-way completes what is missing.
///
/// `password_hash` is the PHC string of [`DEMO_PASSWORD`](crate::DEMO_PASSWORD), which everybody
/// who has set up their account gets. Hashing is left to the caller, who knows the parameters.
///
/// # Errors
///
/// See [`DemoError`]. Two processes that load at the same time do not harm the data, but one of
/// them may be refused.
pub async fn load(
    store: &dyn Store,
    env: &dyn Environment,
    password_hash: &str,
) -> Result<DemoReport, DemoError> {
    let organizations = found_organizations(store, env).await?;
    let mut filled = Vec::new();
    let mut sign_ins = Vec::new();
    for (story, organization) in STORIES.iter().zip(&organizations) {
        let tx = store.begin(TenantScope::of(organization.id)).await?;
        let empty = is_empty(&*tx).await?;
        if empty {
            fill(&*tx, DemoClock::new(env, story.zone), story, password_hash).await?;
        }
        sign_ins.extend(people(&*tx, story, organization).await?);
        if empty {
            tx.commit().await?;
            filled.push(organization.id);
        } else {
            tx.rollback().await?;
        }
    }
    if !filled.is_empty() {
        settle_mails(store, env, &filled).await?;
    }
    Ok(DemoReport {
        loaded: !filled.is_empty(),
        sign_ins,
    })
}

/// The organizations of the stories, created where they were missing.
async fn found_organizations(
    store: &dyn Store,
    env: &dyn Environment,
) -> Result<Vec<Organization>, DemoError> {
    let operator = operator()?;
    let tx = store.begin_system().await?;
    let mut found = Vec::new();
    for story in STORIES {
        let slug = parse(story.slug)?;
        let organization = if let Some(organization) = tx.organization_by_slug(&slug).await? {
            organization
        } else {
            let clock = DemoClock::new(env, story.zone).at(story.since);
            let new = NewOrganization {
                name: parse(story.name)?,
                slug: Some(slug),
                time_zone: parse(story.zone.name())?,
            };
            organizations::create(&Operation::new(&*tx, &operator, &clock), new).await?
        };
        found.push(organization);
    }
    tx.commit().await?;
    Ok(found)
}

/// Whether an organization is nothing but its row.
async fn is_empty(tx: &dyn TenantTransaction) -> Result<bool, StorageError> {
    Ok(tx.branding().await?.is_none() && tx.users().await?.is_empty())
}

async fn people(
    tx: &dyn TenantTransaction,
    story: &script::Organization,
    organization: &Organization,
) -> Result<Vec<DemoSignIn>, DemoError> {
    let mut sign_ins = Vec::new();
    for person in story.people {
        let user = tx.user_by_email(&parse(person.email)?).await?;
        sign_ins.extend(user.map(|user| DemoSignIn {
            organization: organization.name.clone(),
            email: user.email,
            status: user.status,
            remark: person.remark,
        }));
    }
    Ok(sign_ins)
}

/// Notes the mails of these organizations that tell of earlier days as sent in their time.
async fn settle_mails(
    store: &dyn Store,
    env: &dyn Environment,
    organizations: &[OrganizationId],
) -> Result<(), StorageError> {
    let today = env.now() - TODAY;
    let tx = store.begin_system().await?;
    for mail in tx.mails(OutboxState::Waiting, u32::MAX).await? {
        if mail.created_at < today && organizations.contains(&mail.organization_id) {
            tx.mark_mail_sent(mail.id, mail.created_at).await?;
        }
    }
    tx.commit().await
}

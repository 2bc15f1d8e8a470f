//! Loads the organizations that are missing.

use portal_domain::environment::Environment;
use portal_domain::ids::OrganizationId;
use portal_domain::notifications::OutboxState;
use portal_domain::organizations::{self, NewOrganization, Organization};
use portal_domain::store::{StorageError, Store, TenantScope, TenantWork};

use crate::clock::{DemoClock, TODAY};
use crate::error::{DemoError, parse};
use crate::fill::fill;
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
        let work = store.begin(TenantScope::of(organization.id)).await?;
        let empty = is_empty(&*work).await?;
        if empty {
            fill(
                &*work,
                DemoClock::new(env, story.zone),
                story,
                password_hash,
            )
            .await?;
        }
        sign_ins.extend(people(&*work, story, organization).await?);
        if empty {
            work.commit().await?;
            filled.push(organization.id);
        } else {
            work.rollback().await?;
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
    let work = store.begin_system().await?;
    let mut found = Vec::new();
    for story in STORIES {
        let slug = parse(story.slug)?;
        let organization = if let Some(organization) = work.organization_by_slug(&slug).await? {
            organization
        } else {
            let clock = DemoClock::new(env, story.zone).at(story.since);
            let new = NewOrganization {
                name: parse(story.name)?,
                slug: Some(slug),
                time_zone: parse(story.zone.name())?,
            };
            organizations::create(&*work, &clock, new).await?
        };
        found.push(organization);
    }
    work.commit().await?;
    Ok(found)
}

/// Whether an organization is nothing but its row.
async fn is_empty(work: &dyn TenantWork) -> Result<bool, StorageError> {
    Ok(work.branding().await?.is_none() && work.users().await?.is_empty())
}

async fn people(
    work: &dyn TenantWork,
    story: &script::Organization,
    organization: &Organization,
) -> Result<Vec<DemoSignIn>, DemoError> {
    let mut sign_ins = Vec::new();
    for person in story.people {
        let user = work.user_by_email(&parse(person.email)?).await?;
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
    let work = store.begin_system().await?;
    for mail in work.mails(OutboxState::Waiting, u32::MAX).await? {
        if mail.created_at < today && organizations.contains(&mail.organization_id) {
            work.mark_mail_sent(mail.id, mail.created_at).await?;
        }
    }
    work.commit().await
}

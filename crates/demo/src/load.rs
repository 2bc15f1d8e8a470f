//! Loads the organizations that are missing.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use portal_domain::actors::Operator;
use portal_domain::environment::Environment;
use portal_domain::files::FileDepot;
use portal_domain::ids::OrganizationId;
use portal_domain::notifications::OutboxState;
use portal_domain::operation::Operation;
use portal_domain::organizations::{self, NewOrganization, Organization};
use portal_domain::store::{StorageError, Store, TenantScope, TenantTransaction};

use crate::clock::{DemoClock, TODAY};
use crate::error::DemoError;
use crate::report::{DemoReport, DemoSignIn};
use crate::seed::seed;
use crate::story::{self, Story};

/// Loads the demo data once: a second call changes nothing, and a call after an interrupted one
/// completes what is missing.
///
/// `password_hash` is the PHC string of [`DEMO_PASSWORD`](crate::DEMO_PASSWORD) for every account
/// that is set up. The caller hashes it, because the caller knows the parameters.
///
/// # Errors
///
/// See [`DemoError`]. Concurrent calls do not harm the data, but one of them may fail.
pub fn load<'a>(
    store: &'a dyn Store,
    files: &'a FileDepot,
    env: &'a dyn Environment,
    password_hash: &'a str,
) -> BoxFuture<'a, Result<DemoReport, DemoError>> {
    // Boxed: the code of an `async fn` is generated in each crate that awaits it.
    load_stories(store, files, env, password_hash).boxed()
}

async fn load_stories(
    store: &dyn Store,
    files: &FileDepot,
    env: &dyn Environment,
    password_hash: &str,
) -> Result<DemoReport, DemoError> {
    let stories = story::all()?;
    let organizations = find_or_create_organizations(store, env, &stories).await?;
    let mut seeded = Vec::new();
    let mut sign_ins = Vec::new();
    for (story, organization) in stories.iter().zip(&organizations) {
        let tx = store.begin(TenantScope::of(organization.id)).await?;
        let empty = is_empty(&*tx).await?;
        if empty {
            let clock = DemoClock::new(env, story.zone.get());
            seed(&*tx, files, clock, story, password_hash).await?;
        }
        sign_ins.extend(sign_ins_of(&*tx, story, organization).await?);
        if empty {
            tx.commit().await?;
            seeded.push(organization.id);
        } else {
            tx.rollback().await?;
        }
    }
    if !seeded.is_empty() {
        mark_old_mails_sent(store, env, &seeded).await?;
    }
    Ok(DemoReport {
        loaded: !seeded.is_empty(),
        sign_ins,
    })
}

/// The organizations of the stories; missing ones are created.
async fn find_or_create_organizations(
    store: &dyn Store,
    env: &dyn Environment,
    stories: &[Story],
) -> Result<Vec<Organization>, DemoError> {
    let tx = store.begin_system().await?;
    let mut found = Vec::new();
    for story in stories {
        let slug = story.slug.get();
        let organization = if let Some(organization) = tx.organization_by_slug(&slug).await? {
            organization
        } else {
            let operator = Operator::named(story.operator.get());
            let clock = DemoClock::new(env, story.zone.get()).at(story.since.get());
            let new = NewOrganization {
                name: story.name.get(),
                slug: Some(slug),
                time_zone: story.zone.get().name().parse()?,
            };
            organizations::create(&Operation::new(&*tx, &operator, &clock), new).await?
        };
        found.push(organization);
    }
    tx.commit().await?;
    Ok(found)
}

/// Whether an organization has neither branding nor users.
async fn is_empty(tx: &dyn TenantTransaction) -> Result<bool, StorageError> {
    Ok(tx.branding().await?.is_none() && tx.users().await?.is_empty())
}

async fn sign_ins_of(
    tx: &dyn TenantTransaction,
    story: &Story,
    organization: &Organization,
) -> Result<Vec<DemoSignIn>, DemoError> {
    let mut sign_ins = Vec::new();
    for person in &story.people {
        let user = tx.user_by_email(&person.email.get()).await?;
        sign_ins.extend(user.map(|user| DemoSignIn {
            organization: organization.name.clone(),
            email: user.email,
            status: user.status,
            remark: person.remark.clone(),
        }));
    }
    Ok(sign_ins)
}

/// Marks these organizations' mails of earlier days as sent when they were written.
async fn mark_old_mails_sent(
    store: &dyn Store,
    env: &dyn Environment,
    organizations: &[OrganizationId],
) -> Result<(), StorageError> {
    let today = env.now() - TODAY;
    let tx = store.begin_system().await?;
    for mail in tx.mails(OutboxState::Waiting, u32::MAX).await? {
        if mail.created_at < today && organizations.contains(&mail.organization_id) {
            tx.mark_mails_sent(&[mail.id], mail.created_at).await?;
        }
    }
    tx.commit().await
}

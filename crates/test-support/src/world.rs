//! Who and what is there when a test begins.

use portal_auth::{Argon2Params, PasswordHasher};
use portal_domain::environment::Environment;
use portal_domain::ids::{OrganizationId, UserId};
use portal_domain::organizations::{self, NewOrganization, TimeZone};
use portal_domain::profiles::{self, NewUser};
use portal_domain::store::{StorageError, Store, TenantScope, transact};
use tokio::sync::OnceCell;

/// The password of everybody.
pub const PASSWORD: &str = "Correct-Horse-7";

/// Its hash takes no time to speak of, and is the same for all tests of a process.
static PASSWORD_HASH: OnceCell<String> = OnceCell::const_new();

/// Hashes and verifies with the least work that Argon2 allows.
pub(crate) fn hasher() -> PasswordHasher {
    let params = Argon2Params {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
        queue: 64,
    };
    PasswordHasher::new(params).expect("legal parameters")
}

async fn password_hash() -> &'static str {
    let hash = async || hasher().hash(&PASSWORD.into()).await.expect("a hash");
    PASSWORD_HASH.get_or_init(hash).await
}

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their organization.
    pub organization: OrganizationId,
    /// Their address.
    pub email: String,
}

/// An organization with two people.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id.
    pub id: OrganizationId,
    /// The one who does things.
    pub ada: Person,
    /// A colleague.
    pub bob: Person,
}

impl Tenant {
    /// The scope of its data.
    pub const fn scope(&self) -> TenantScope {
        TenantScope::of(self.id)
    }

    pub(crate) async fn create(store: &dyn Store, env: &dyn Environment, name: &str) -> Self {
        let new = NewOrganization {
            name: name.parse().expect("a name"),
            // Their plain slugs are left to the demo's organizations, which may be there too.
            slug: format!("test-{}", name.to_lowercase()).parse().ok(),
            time_zone: TimeZone::UTC,
        };
        let work = store.begin_system().await.expect("a transaction");
        let organization = organizations::create(&*work, env, new)
            .await
            .expect("an organization");
        work.commit().await.expect("a commit");
        let id = organization.id;
        let domain = format!("{}.example", name.to_lowercase());
        Self {
            id,
            ada: person(store, env, id, &format!("ada@{domain}"), "Ada").await,
            bob: person(store, env, id, &format!("bob@{domain}"), "Bob").await,
        }
    }
}

pub(crate) async fn person(
    store: &dyn Store,
    env: &dyn Environment,
    organization: OrganizationId,
    email: &str,
    name: &str,
) -> Person {
    let new = NewUser {
        email: email.parse().expect("an address"),
        name: Some(name.parse().expect("a name")),
        locale: None,
        password_hash: Some(password_hash().await.to_owned()),
    };
    let user = transact(store, TenantScope::of(organization), async |work| {
        profiles::create(work, env, new, false).await
    });
    let user: Result<_, profiles::UserError> = user.await;
    let user = user.expect("a user");
    Person {
        id: user.id,
        organization,
        email: user.email.to_string(),
    }
}

/// Nothing can go wrong but storage, which then fails the test.
pub(crate) fn stored<T>(result: Result<T, StorageError>) -> T {
    result.expect("storage")
}

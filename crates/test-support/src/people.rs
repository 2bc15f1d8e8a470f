//! The users of a test.

use portal_auth::{Argon2Params, PasswordHasher};
use portal_domain::ids::{OrganizationId, UserId};
use portal_domain::store::TenantScope;
use tokio::sync::OnceCell;

/// The password of all users.
pub const PASSWORD: &str = "Correct-Horse-7";

/// Its hash is cheap, and the same for all tests of a process.
static PASSWORD_HASH: OnceCell<String> = OnceCell::const_new();

/// Hashes with the cheapest parameters of Argon2.
pub fn cheap_hasher() -> PasswordHasher {
    let params = Argon2Params {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
        queue: 64,
    };
    PasswordHasher::new(params).expect("legal parameters")
}

/// The hash of [`PASSWORD`].
pub async fn password_hash() -> &'static str {
    let hash = async || cheap_hasher().hash(&PASSWORD.into()).await.expect("a hash");
    PASSWORD_HASH.get_or_init(hash).await
}

/// A user who can sign in.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their organization.
    pub organization: OrganizationId,
    /// Their address.
    pub email: String,
}

impl Person {
    /// The scope of their organization's data.
    pub const fn scope(&self) -> TenantScope {
        TenantScope::of(self.organization)
    }
}

/// An organization with two users.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id.
    pub id: OrganizationId,
    /// The main user.
    pub ada: Person,
    /// A colleague.
    pub bob: Person,
}

impl Tenant {
    /// The scope of its data.
    pub const fn scope(&self) -> TenantScope {
        TenantScope::of(self.id)
    }
}

//! What each organization, user and address may use of a database at a time.
//!
//! A pool serves whoever comes first, and so does SQLite's turn to write. Without a bound, the many
//! requests of one caller would all be ahead of the one of another.

use std::time::Duration;

use async_trait::async_trait;
use portal_domain::ids::OrganizationId;
use portal_domain::store::{
    Asker, LookupReader, RequestStore, StorageError, TenantReader, TenantScope, TenantStore,
    TenantTransaction,
};
use portal_shares::{Crowded, Rule, Share, Shares};

use crate::conn::Mode;
use crate::database::Database;
use crate::errors::unavailable;
use crate::handles::{System, Tenant};

/// How many transactions of one organization may wait.
const ORGANIZATION_WAITING: usize = 1024;

/// How many requests of one user or address may wait.
const ASKER_WAITING: usize = 256;

/// The shares of a database.
#[derive(Clone)]
pub(crate) struct DatabaseShares {
    organizations: Shares<OrganizationId>,
    /// Of the pool that works on one organization at a time.
    within: Shares<Asker>,
    /// Of the pool that works across organizations, which may be the same.
    across: Shares<Asker>,
}

impl DatabaseShares {
    /// For a pool of this number of connections, and another for look-ups across organizations if
    /// there is one. An organization uses a quarter, but at least two, since reading and writing may
    /// overlap; a user or an address an eighth of the pool that it needs. Who waits longer than
    /// `patience` is told so.
    pub(crate) fn new(connections: usize, system: Option<usize>, patience: Duration) -> Self {
        let patience = Some(patience);
        let askers = |connections| {
            Shares::new(Rule {
                whose: "user or address",
                places: Rule::part(connections, 8),
                waiting: ASKER_WAITING,
                patience,
            })
        };
        let within = askers(connections);
        Self {
            organizations: Shares::new(Rule {
                whose: "organization",
                places: Rule::part(connections, 4).max(2),
                waiting: ORGANIZATION_WAITING,
                patience,
            }),
            across: system.map_or_else(|| within.clone(), askers),
            within,
        }
    }
}

/// The places of a transaction, given back when it is over.
#[derive(Default)]
pub(crate) struct Places {
    _organization: Option<Share<OrganizationId>>,
    _asker: Option<Share<Asker>>,
}

impl DatabaseShares {
    /// Places for a transaction on an organization's data. Whoever waits for their own keeps none of
    /// the organization's.
    pub(crate) async fn within(
        &self,
        scope: TenantScope,
        asker: Option<Asker>,
    ) -> Result<Places, StorageError> {
        let asker = match asker {
            Some(asker) => Some(self.within.take(asker).await.map_err(crowded)?),
            None => None,
        };
        let organization = self.organizations.take(scope.organization()).await;
        Ok(Places {
            _organization: Some(organization.map_err(crowded)?),
            _asker: asker,
        })
    }

    /// A place for a look-up across organizations.
    async fn across(&self, asker: Asker) -> Result<Places, StorageError> {
        let share = self.across.take(asker).await.map_err(crowded)?;
        Ok(Places {
            _asker: Some(share),
            ..Places::default()
        })
    }
}

fn crowded(error: Crowded) -> StorageError {
    unavailable(error)
}

/// A database on behalf of a user or an address.
pub(crate) struct OnBehalf {
    pub(crate) database: Database,
    pub(crate) asker: Asker,
}

#[async_trait]
impl TenantStore for OnBehalf {
    async fn reader(&self, scope: TenantScope) -> Result<Box<dyn TenantReader>, StorageError> {
        Ok(Box::new(self.open(Mode::Read, scope).await?))
    }

    async fn begin(&self, scope: TenantScope) -> Result<Box<dyn TenantTransaction>, StorageError> {
        Ok(Box::new(self.open(Mode::Write, scope).await?))
    }
}

#[async_trait]
impl RequestStore for OnBehalf {
    async fn lookup(&self) -> Result<Box<dyn LookupReader>, StorageError> {
        let places = self.database.shares.across(self.asker).await?;
        let transaction = self.database.transaction(Mode::Read, None).await?;
        Ok(Box::new(System::new(transaction, ()).within(places)))
    }
}

impl OnBehalf {
    async fn open(&self, mode: Mode, scope: TenantScope) -> Result<Tenant, StorageError> {
        self.database.tenant(mode, scope, Some(self.asker)).await
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use futures_util::FutureExt as _;
    use portal_domain::environment::SystemEnvironment;
    use portal_domain::ids::UserId;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    fn organization() -> TenantScope {
        TenantScope::of(OrganizationId::generate(&SystemEnvironment))
    }

    fn user() -> Asker {
        Asker::User(UserId::generate(&SystemEnvironment))
    }

    fn at(address: &str) -> Asker {
        let address: IpAddr = address.parse().unwrap();
        Asker::client(address)
    }

    /// How many places there are at once.
    fn places<T>(mut take: impl FnMut() -> Option<T>) -> usize {
        std::iter::from_fn(&mut take)
            .take(1_000)
            .collect::<Vec<_>>()
            .len()
    }

    #[tokio::test]
    async fn an_organization_has_a_quarter_and_everybody_else_an_eighth_of_their_pool() {
        for (connections, system, [of_organization, of_asker, across]) in [
            (1, None, [2, 1, 1]),
            (16, None, [4, 2, 2]),
            (16, Some(4), [4, 2, 1]),
            (100, Some(25), [25, 12, 3]),
            (4, Some(2), [2, 1, 1]),
        ] {
            let shares = DatabaseShares::new(connections, system, PATIENCE);
            let acme = organization();
            let within = |asker: Option<Asker>, scope| {
                shares
                    .within(scope, asker)
                    .now_or_never()
                    .map(Result::unwrap)
            };
            assert_eq!(places(|| within(None, acme)), of_organization);
            let ada = user();
            assert_eq!(places(|| within(Some(ada), organization())), of_asker);
            let ask = || {
                shares
                    .across(at("192.0.2.1"))
                    .now_or_never()
                    .map(Result::unwrap)
            };
            assert_eq!(places(ask), across);
        }
    }

    #[tokio::test]
    async fn one_address_never_holds_all_connections_for_look_ups() {
        for pool_size in 2..1_000_usize {
            let system = (pool_size / 4).max(2);
            let shares = DatabaseShares::new(pool_size, Some(system), PATIENCE);
            assert!(shares.across.rule().places * 2 <= system, "{pool_size}");
        }
    }

    #[tokio::test]
    async fn addresses_have_places_by_ipv4_address_or_ipv6_network() {
        let shares = DatabaseShares::new(8, None, PATIENCE);
        for [first, same, other] in [
            ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"],
            ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"],
        ] {
            let _first = shares.across(at(first)).await.unwrap();
            assert!(shares.across(at(same)).now_or_never().is_none());
            assert!(shares.across(at(other)).now_or_never().is_some());
        }
    }

    #[tokio::test]
    async fn where_there_is_one_pool_an_address_has_one_share_of_it() {
        let shares = DatabaseShares::new(8, None, PATIENCE);
        let asker = at("192.0.2.1");
        let _look_up = shares.across(asker).await.unwrap();
        assert!(
            shares
                .within(organization(), Some(asker))
                .now_or_never()
                .is_none()
        );
        let two_pools = DatabaseShares::new(8, Some(2), PATIENCE);
        let _look_up = two_pools.across(asker).await.unwrap();
        assert!(
            two_pools
                .within(organization(), Some(asker))
                .now_or_never()
                .is_some()
        );
    }

    #[tokio::test]
    async fn a_user_who_waits_for_their_own_place_keeps_none_of_their_organization() {
        let shares = DatabaseShares::new(8, None, PATIENCE);
        let (acme, ada) = (organization(), user());
        let _first = shares.within(acme, Some(ada)).await.unwrap();
        let mut waiting = Box::pin(shares.within(acme, Some(ada)));
        assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        assert!(shares.within(acme, Some(user())).now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_waits_for_too_long_is_told_that_the_database_is_not_available() {
        let shares = DatabaseShares::new(8, None, Duration::ZERO);
        let (acme, ada) = (organization(), user());
        let _held = shares.within(acme, Some(ada)).await.unwrap();
        for refused in [
            shares.within(acme, Some(ada)).await.err(),
            shares.across(ada).await.err(),
        ] {
            assert!(matches!(refused, Some(StorageError::Unavailable(_))));
        }
    }
}

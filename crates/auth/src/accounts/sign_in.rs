//! Signing in with an address and a password.

use std::sync::Arc;

use metrics::counter;
use portal_domain::access::Claims;
use portal_domain::ids::OrganizationId;
use portal_domain::operation::Operation;
use portal_domain::organizations::OrganizationName;
use portal_domain::profiles::{Account, SignInCandidate, record_failed_sign_in};
use portal_domain::store::{LookupReader, StorageError, TenantScope, transact};
use portal_domain::values::{DomainName, EmailAddress};
use secrecy::SecretString;

use super::schedule::Schedule;
use super::{AttemptError, AuthService, Client, SignedIn, from_attempt_errors};
use crate::devices::KnownDevice;
use crate::passwords::Match;
use crate::rate_limits::{AMBIGUOUS, LOGIN, LimitError, Permit};

/// Where to look for accounts.
#[derive(Debug, Clone, Default)]
pub struct SignInScope {
    /// The organization that the user named.
    pub organization: Option<OrganizationId>,
    /// The request's host, unless it is the portal's own.
    pub host: Option<DomainName>,
}

impl SignInScope {
    /// The accounts of an address: of the named organization, of that of the host, or else of all.
    /// An organization named on the host of another has none.
    async fn candidates(
        &self,
        reader: &dyn LookupReader,
        email: &EmailAddress,
    ) -> Result<Vec<SignInCandidate>, StorageError> {
        let by_host = match &self.host {
            Some(host) => reader.organization_by_domain(host).await?,
            None => None,
        };
        match (self.organization, by_host) {
            (Some(named), Some(by_host)) if named != by_host => Ok(Vec::new()),
            (named, by_host) => reader.sign_in_candidates(email, named.or(by_host)).await,
        }
    }
}

/// Input of [`AuthService::sign_in`].
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The user's address.
    pub email: EmailAddress,
    /// The password, which need not obey the rules for new ones.
    pub password: SecretString,
    /// Where to look for accounts.
    pub scope: SignInScope,
}

/// An account to choose from, shown by its organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationChoice {
    /// The organization's id.
    pub id: OrganizationId,
    /// The organization's name.
    pub name: OrganizationName,
    /// The claims of the account, for [`AuthService::sign_in_chosen`].
    pub claims: Claims,
}

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No account has this address and password.
    #[error("no account has this address and password")]
    InvalidCredentials,
    /// Several accounts have; the user chooses an organization.
    #[error("several accounts have this address and password")]
    Ambiguous(Vec<OrganizationChoice>),
    /// The account or its organization is not active.
    #[error("the account is not active")]
    NotActive,
    /// The attempt could not be decided.
    #[error(transparent)]
    Attempt(#[from] AttemptError),
}

from_attempt_errors!(SignInError);

impl AuthService {
    /// Signs a user in. A failed attempt is written to the audit log of each account that was
    /// tried, in the background.
    ///
    /// Attempts count for the client's address and for the account. A client that presents a device
    /// token of the account is counted by that instead: its failures and successes are none of the
    /// strangers', and their block is none of its.
    pub async fn sign_in(&self, client: &Client, sign_in: SignIn) -> Result<SignedIn, SignInError> {
        let schedule = self.schedule_of(&sign_in.password, SignInCandidate::MAX);
        let outcome = match self.known_devices(client, &sign_in.email).as_slice() {
            [] => self.sign_in_stranger(client, sign_in, &schedule).await,
            devices => {
                self.sign_in_known(client, sign_in, devices, &schedule)
                    .await
            }
        };
        let is_failure = |error: &_| {
            matches!(
                error,
                SignInError::InvalidCredentials | SignInError::NotActive
            )
        };
        schedule.answer(outcome, is_failure).await
    }

    /// What the client's device tokens for an address say, which may not be so any more.
    fn known_devices(&self, client: &Client, email: &EmailAddress) -> Vec<KnownDevice> {
        let now = self.env.now();
        let devices = client.devices.iter();
        devices
            .filter_map(|token| self.devices.open(token, email, now))
            .collect()
    }

    async fn sign_in_stranger(
        &self,
        client: &Client,
        sign_in: SignIn,
        schedule: &Schedule,
    ) -> Result<SignedIn, SignInError> {
        let email = sign_in.email.clone();
        let permit = self
            .limiter
            .attempt(&LOGIN, client.address, email.as_str())
            .await?;
        let outcome = match self.candidates(client, &email, &sign_in.scope).await {
            Ok(candidates) => {
                self.decide_sign_in(client, sign_in, candidates, schedule)
                    .await
            }
            Err(error) => Err(error.into()),
        };
        self.conclude_sign_in(client, &email, permit, outcome).await
    }

    async fn sign_in_known(
        &self,
        client: &Client,
        sign_in: SignIn,
        devices: &[KnownDevice],
        schedule: &Schedule,
    ) -> Result<SignedIn, SignInError> {
        let email = sign_in.email.clone();
        let counted_as = devices.iter().map(KnownDevice::counted_as);
        let permit = self
            .limiter
            .attempt_known(client.address, counted_as)
            .await?;
        let mut candidates = match self.candidates(client, &email, &sign_in.scope).await {
            Ok(candidates) => candidates,
            Err(error) => {
                Self::give_back(permit).await;
                return Err(error.into());
            }
        };
        let knows = |account: &Account| devices.iter().any(|device| device.is_of(&account.user));
        let is_known = candidates.iter().any(|candidate| knows(&candidate.account));
        if is_known && candidates.iter().all(|candidate| knows(&candidate.account)) {
            let outcome = self
                .decide_sign_in(client, sign_in, candidates, schedule)
                .await;
            return self.conclude_sign_in(client, &email, permit, outcome).await;
        }

        // To the other accounts of the address, the client is a stranger.
        let strangers = match self.limiter.attempt_account(&LOGIN, email.as_str()).await {
            Ok(strangers) => strangers,
            Err(LimitError::Exceeded { .. }) if is_known => {
                candidates.retain(|candidate| knows(&candidate.account));
                let outcome = self
                    .decide_sign_in(client, sign_in, candidates, schedule)
                    .await;
                return self.conclude_sign_in(client, &email, permit, outcome).await;
            }
            Err(error) => {
                Self::give_back(permit).await;
                return Err(error.into());
            }
        };
        let outcome = self
            .decide_sign_in(client, sign_in, candidates, schedule)
            .await;
        match outcome {
            Ok(signed_in) if knows(&signed_in.account) => {
                Self::give_back(strangers).await;
                permit.succeeded().await?;
                Ok(signed_in)
            }
            outcome => {
                let permit = permit.and(strangers);
                self.conclude_sign_in(client, &email, permit, outcome).await
            }
        }
    }

    /// [`conclude`](Self::conclude)s an attempt. One that fits several accounts is undecided, too, but
    /// given back only so many times.
    async fn conclude_sign_in(
        &self,
        client: &Client,
        email: &EmailAddress,
        permit: Permit,
        outcome: Result<SignedIn, SignInError>,
    ) -> Result<SignedIn, SignInError> {
        let is_ambiguous = matches!(outcome, Err(SignInError::Ambiguous(_)));
        if is_ambiguous {
            let given_back = self
                .limiter
                .attempt(&AMBIGUOUS, client.address, email.as_str())
                .await;
            match given_back {
                Ok(_) => Self::give_back(permit).await,
                Err(LimitError::Exceeded { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            return outcome;
        }
        let is_undecided = |error: &_| matches!(error, SignInError::Attempt(_));
        Self::conclude(permit, outcome, is_undecided).await
    }

    async fn decide_sign_in(
        &self,
        client: &Client,
        sign_in: SignIn,
        candidates: Vec<SignInCandidate>,
        schedule: &Schedule,
    ) -> Result<SignedIn, SignInError> {
        let SignIn {
            email, password, ..
        } = sign_in;
        let hashes = candidates
            .iter()
            .map(|candidate| candidate.password_hash.clone())
            .collect();
        let passwords = self.passwords.on_behalf_of(client.address, email.as_str());
        let (matches, began) = passwords.verify_each_timed(&password, hashes).await?;
        schedule.work_began(began);
        let (active, tried): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .zip(matches)
            .partition(|(candidate, matches)| matches.is_right() && candidate.account.is_active());
        let is_inactive = tried.iter().any(|(_, matches)| matches.is_right());
        let tried: Vec<_> = tried.into_iter().map(|(candidate, _)| candidate).collect();

        let mut active = active.into_iter();
        match (active.next(), active.next()) {
            (Some((candidate, matches)), None) => {
                let signed_in = self
                    .complete_sign_in(client, candidate, password, matches)
                    .await?;
                counter!("sign_ins_total", "outcome" => "success").increment(1);
                Ok(signed_in)
            }
            (Some(first), Some(second)) => {
                counter!("sign_ins_total", "outcome" => "ambiguous").increment(1);
                let all = [first, second].into_iter().chain(active);
                let choices = all.map(|(candidate, _)| choice(candidate));
                Err(SignInError::Ambiguous(choices.collect()))
            }
            (None, _) if is_inactive => {
                self.record_failures(client, tried);
                counter!("sign_ins_total", "outcome" => "not_active").increment(1);
                Err(SignInError::NotActive)
            }
            (None, _) => {
                self.limiter
                    .login_failed(client.address, email.as_str())
                    .await?;
                let outcome = if tried.is_empty() {
                    "unknown_address"
                } else {
                    "wrong_password"
                };
                counter!("sign_ins_total", "outcome" => outcome).increment(1);
                self.record_failures(client, tried);
                Err(SignInError::InvalidCredentials)
            }
        }
    }

    /// The accounts that an address may sign in to.
    pub(super) async fn candidates(
        &self,
        client: &Client,
        email: &EmailAddress,
        scope: &SignInScope,
    ) -> Result<Vec<SignInCandidate>, StorageError> {
        let reader = self.store_for(client).lookup().await?;
        scope.candidates(&*reader, email).await
    }

    async fn complete_sign_in(
        &self,
        client: &Client,
        candidate: SignInCandidate,
        password: SecretString,
        matches: Match,
    ) -> Result<SignedIn, AttemptError> {
        let SignInCandidate {
            account,
            password_hash,
        } = candidate;
        let scope = TenantScope::of(account.organization.id);
        let signed_in = self.signed_in(client, account).await?;
        let by = client.acting_as(signed_in.account.clone());
        transact(self.store_for(client).begin(scope).await?, async |tx| {
            let op = Operation::new(tx, &by, &*self.env);
            self.record_sign_in(&op, client).await
        })
        .await?;
        let is_outdated =
            |hash: &String| matches == Match::AsTyped || self.passwords.needs_rehash(hash);
        if let Some(hash) = password_hash.filter(is_outdated) {
            self.upgrade_hash(client, &signed_in.account, password, hash);
        }
        Ok(signed_in)
    }

    /// Replaces a hash that is weaker than configured, or of the password as it was typed, after the
    /// response.
    fn upgrade_hash(
        &self,
        client: &Client,
        account: &Account,
        password: SecretString,
        verified: String,
    ) {
        let (scope, user) = (TenantScope::of(account.organization.id), account.user.id);
        let store = self.store_for(client);
        let passwords = self
            .passwords
            .on_behalf_of(client.address, &user.to_string());
        self.background.tasks.spawn(async move {
            let upgraded: Result<(), AttemptError> = async {
                let hash = passwords.hash(&password).await?;
                let tx = store.begin(scope).await?;
                tx.upgrade_password_hash(user, &verified, &hash).await?;
                Ok(tx.commit().await?)
            }
            .await;
            if let Err(error) = upgraded {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "hash not upgraded");
            }
        });
    }

    /// Writes failed attempts to the audit log, after the response, whose time must not reveal
    /// whether there are accounts.
    fn record_failures(&self, client: &Client, tried: Vec<SignInCandidate>) {
        for candidate in tried {
            let (store, env) = (self.store_for(client), Arc::clone(&self.env));
            let by = client.acting_as(candidate.account);
            self.background.tasks.spawn(async move {
                let scope = TenantScope::of(by.account.organization.id);
                let recorded: Result<(), StorageError> = async {
                    let tx = store.begin(scope).await?;
                    record_failed_sign_in(&Operation::new(&*tx, &by, &*env)).await?;
                    tx.commit().await
                }
                .await;
                if let Err(error) = recorded {
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(error, "a failed sign-in was not written to the audit log");
                }
            });
        }
    }
}

fn choice(candidate: SignInCandidate) -> OrganizationChoice {
    let Account {
        user, organization, ..
    } = candidate.account;
    OrganizationChoice {
        id: organization.id,
        name: organization.name,
        claims: Claims {
            user_id: user.id,
            organization_id: organization.id,
            session_version: user.session_version,
        },
    }
}

//! Signing in with an address and a password.

use std::sync::Arc;

use metrics::counter;
use portal_domain::access::Claims;
use portal_domain::ids::OrganizationId;
use portal_domain::operation::Operation;
use portal_domain::organizations::OrganizationName;
use portal_domain::profiles::{Account, SignInCandidate, record_failed_sign_in, record_sign_in};
use portal_domain::store::{StorageError, SystemReader, TenantScope, transact};
use portal_domain::values::{DomainName, EmailAddress};
use secrecy::SecretString;

use super::{AttemptError, AuthService, Client, SignedIn, from_attempt_errors};
use crate::rate_limits::LOGIN;

/// Where somebody wants to sign in.
#[derive(Debug, Clone, Default)]
pub struct SignInScope {
    /// The organization that they named.
    pub organization: Option<OrganizationId>,
    /// The host that they came to, unless it is the portal's own.
    pub host: Option<DomainName>,
}

impl SignInScope {
    /// The organizations whose accounts count. One that was named on the host of another has none.
    pub(super) async fn resolve(&self, system: &dyn SystemReader) -> Result<Scoped, StorageError> {
        let of_host = match &self.host {
            Some(host) => system.organization_by_domain(host).await?,
            None => None,
        };
        Ok(match (self.organization, of_host) {
            (Some(named), Some(host)) if named != host => Scoped::Nobody,
            (Some(one), _) | (None, Some(one)) => Scoped::One(one),
            (None, None) => Scoped::Any,
        })
    }
}

/// The organizations whose accounts count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scoped {
    /// All of them.
    Any,
    /// This one.
    One(OrganizationId),
    /// None.
    Nobody,
}

/// An attempt to sign in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The address.
    pub email: EmailAddress,
    /// The password, which is not held against the rules for new ones.
    pub password: SecretString,
    /// Where.
    pub scope: SignInScope,
}

/// An organization that somebody may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationChoice {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: OrganizationName,
    /// The account of that organization whose password was shown; for
    /// [`AuthService::sign_in_chosen`].
    pub claims: Claims,
}

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No account has this address and password.
    #[error("no account has this address and password")]
    InvalidCredentials,
    /// Several have; the organization is to be named.
    #[error("several accounts have this address and password")]
    Ambiguous(Vec<OrganizationChoice>),
    /// The account, or its organization, is not active.
    #[error("the account is not active")]
    NotActive,
    /// Nothing could be decided.
    #[error(transparent)]
    Attempt(#[from] AttemptError),
}

from_attempt_errors!(SignInError);

impl AuthService {
    /// Lets somebody in.
    ///
    /// # Errors
    ///
    /// See [`SignInError`]. A refusal is noted in the audit log of each account that was tried,
    /// after this returns.
    pub async fn sign_in(&self, client: &Client, sign_in: SignIn) -> Result<SignedIn, SignInError> {
        let permit = self
            .limiter
            .attempt(&LOGIN, client.address, sign_in.email.as_str())
            .await?;
        let outcome = self.decide_sign_in(client, sign_in).await;
        Self::conclude(permit, outcome, |error| {
            matches!(error, SignInError::Ambiguous(_) | SignInError::Attempt(_))
        })
        .await
    }

    async fn decide_sign_in(
        &self,
        client: &Client,
        sign_in: SignIn,
    ) -> Result<SignedIn, SignInError> {
        let SignIn {
            email,
            password,
            scope,
        } = sign_in;
        let candidates = self.candidates(&email, &scope).await?;
        let hashes = candidates
            .iter()
            .map(|candidate| candidate.password_hash.clone())
            .collect();
        let matches = self.passwords.verify_each(&password, hashes).await?;
        let (matching, others): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .zip(matches)
            .partition(|(_, matches)| *matches);
        let (active, inactive): (Vec<_>, Vec<_>) = matching
            .into_iter()
            .map(|(candidate, _)| candidate)
            .partition(|candidate| candidate.account.is_active());

        let mut active = active.into_iter();
        match (active.next(), active.next()) {
            (Some(candidate), None) => {
                let signed_in = self.complete_sign_in(client, candidate, password).await?;
                counter!("sign_ins_total", "outcome" => "success").increment(1);
                Ok(signed_in)
            }
            (Some(first), Some(second)) => {
                counter!("sign_ins_total", "outcome" => "ambiguous").increment(1);
                let all = [first, second].into_iter().chain(active);
                Err(SignInError::Ambiguous(all.map(choice).collect()))
            }
            (None, _) if !inactive.is_empty() => {
                let others = others.into_iter().map(|(candidate, _)| candidate);
                self.note_failures(client, inactive.into_iter().chain(others));
                counter!("sign_ins_total", "outcome" => "not_active").increment(1);
                Err(SignInError::NotActive)
            }
            (None, _) => {
                self.limiter
                    .login_failed(client.address, email.as_str())
                    .await?;
                let outcome = if others.is_empty() {
                    "unknown_address"
                } else {
                    "wrong_password"
                };
                counter!("sign_ins_total", "outcome" => outcome).increment(1);
                self.note_failures(client, others.into_iter().map(|(candidate, _)| candidate));
                Err(SignInError::InvalidCredentials)
            }
        }
    }

    async fn candidates(
        &self,
        email: &EmailAddress,
        scope: &SignInScope,
    ) -> Result<Vec<SignInCandidate>, StorageError> {
        let system = self.store.system_reader().await?;
        match scope.resolve(&*system).await? {
            Scoped::Any => system.sign_in_candidates(email, None).await,
            Scoped::One(organization) => system.sign_in_candidates(email, Some(organization)).await,
            Scoped::Nobody => Ok(Vec::new()),
        }
    }

    async fn complete_sign_in(
        &self,
        client: &Client,
        candidate: SignInCandidate,
        password: SecretString,
    ) -> Result<SignedIn, AttemptError> {
        let SignInCandidate {
            account,
            password_hash,
        } = candidate;
        let session = self.open_session(&account.user).await?;
        let scope = TenantScope::of(account.organization.id);
        let by = client.acting_as(account);
        transact(self.store.begin(scope).await?, async |tx| {
            record_sign_in(&Operation::new(tx, &by, &*self.env)).await
        })
        .await?;
        let account = by.account;
        if let Some(hash) = password_hash.filter(|hash| self.passwords.needs_rehash(hash)) {
            self.upgrade_hash(&account, password, hash);
        }
        Ok(SignedIn { account, session })
    }

    /// Replaces a hash that is weaker than configured, after the answer.
    fn upgrade_hash(&self, account: &Account, password: SecretString, verified: String) {
        let (store, passwords) = (Arc::clone(&self.store), self.passwords.clone());
        let (scope, user) = (TenantScope::of(account.organization.id), account.user.id);
        self.background.spawn(async move {
            let upgraded: Result<(), AttemptError> = async {
                let hash = passwords.hash(&password).await?;
                let tx = store.begin(scope).await?;
                tx.upgrade_password_hash(user, &verified, &hash).await?;
                Ok(tx.commit().await?)
            }
            .await;
            if let Err(error) = upgraded {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "hash not upgraded"
                );
            }
        });
    }

    /// Writes failed attempts to the audit log, after the answer: an attacker must not be able to
    /// tell by the time that there was something to write.
    fn note_failures(&self, client: &Client, tried: impl IntoIterator<Item = SignInCandidate>) {
        for candidate in tried {
            let (store, env) = (Arc::clone(&self.store), Arc::clone(&self.env));
            let by = client.acting_as(candidate.account);
            self.background.spawn(async move {
                let scope = TenantScope::of(by.account.organization.id);
                let noted: Result<(), StorageError> = async {
                    let tx = store.begin(scope).await?;
                    record_failed_sign_in(&Operation::new(&*tx, &by, &*env)).await?;
                    tx.commit().await
                }
                .await;
                if let Err(error) = noted {
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

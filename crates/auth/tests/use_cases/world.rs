//! The authentication service for two organizations, with its state in memory.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use portal_auth::accounts::{
    AcceptInvitation, AcceptInvitationError, AttemptError, AuthService, Background,
    ChangePasswordError, Client, ForgotPassword, ResetPasswordError, SignIn, SignInError,
    SignInScope, SignedIn,
};
use portal_auth::state::MemoryState;
use portal_auth::{
    DeviceTokens, OneTimeToken, PasswordHasher, RateLimiter, SecretKey, Sessions, StateStore,
};
use portal_domain::access::Claims;
use portal_domain::audit::AuditEntry;
use portal_domain::environment::Environment;
use portal_domain::ids::OrganizationId;
use portal_domain::notifications::MailKind;
use portal_domain::profiles::{self, OneTimeTokenPurpose, PortalUser};
use portal_test_support::{PASSWORD, Person, TestWorld, cheap_hasher};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::outage::Outage;

/// A new password.
pub(crate) const NEW_PASSWORD: &str = "Winter-Birds-47";

/// Two organizations and the authentication service.
pub(crate) struct World {
    pub(crate) auth: AuthService,
    pub(crate) sessions: Sessions,
    /// Takes the database away from the service.
    pub(crate) outage: Outage,
    /// The end of the process.
    pub(crate) stopping: CancellationToken,
    inner: TestWorld,
    background: TaskTracker,
}

impl Deref for World {
    type Target = TestWorld;

    fn deref(&self) -> &TestWorld {
        &self.inner
    }
}

impl World {
    pub(crate) async fn create() -> Self {
        Self::hashing_with(cheap_hasher()).await
    }

    pub(crate) async fn hashing_with(passwords: PasswordHasher) -> Self {
        Self::with(passwords, |env| Arc::new(MemoryState::new(env))).await
    }

    /// With a state of its own.
    pub(crate) async fn with(
        passwords: PasswordHasher,
        state: impl FnOnce(Arc<dyn Environment>) -> Arc<dyn StateStore>,
    ) -> Self {
        let world = TestWorld::create().await;
        let env = || Arc::clone(&world.env) as Arc<dyn Environment>;
        let state = state(env());
        let sessions = Sessions::new(Arc::clone(&state), env());
        let (background, stopping) = (TaskTracker::new(), CancellationToken::new());
        let outage = Outage::default();
        let auth = AuthService::new(
            Arc::new(outage.of(Arc::clone(&world.store))),
            env(),
            sessions.clone(),
            RateLimiter::new(state),
            passwords,
            DeviceTokens::new(&SecretKey::new(&[7; 32]).unwrap()),
            Background {
                tasks: background.clone(),
                stopping: stopping.clone(),
            },
        );
        Self {
            auth,
            sessions,
            stopping,
            outage,
            inner: world,
            background,
        }
    }

    /// Waits until all background work is done.
    pub(crate) async fn settle(&self) {
        self.background.close();
        self.background.wait().await;
        self.background.reopen();
    }

    /// The audit log of an organization, newest first, once all background work is done.
    pub(crate) async fn audit_log(&self, organization: OrganizationId) -> Vec<AuditEntry> {
        self.settle().await;
        self.inner.audit_log(organization).await
    }

    /// The outbox of an organization, once all background work is done.
    pub(crate) async fn outbox(&self, organization: OrganizationId) -> Vec<MailKind> {
        self.settle().await;
        self.inner.outbox(organization).await
    }

    pub(crate) async fn sign_in(
        &self,
        email: &str,
        password: &str,
        scope: SignInScope,
    ) -> Result<SignedIn, SignInError> {
        self.sign_in_from(client(), email, password, scope).await
    }

    pub(crate) async fn sign_in_from(
        &self,
        client: Client,
        email: &str,
        password: &str,
        scope: SignInScope,
    ) -> Result<SignedIn, SignInError> {
        let sign_in = SignIn {
            email: email.parse().unwrap(),
            password: password.into(),
            scope,
        };
        self.auth.sign_in(&client, sign_in).await
    }

    /// Whether a password signs a person in.
    pub(crate) async fn opens(&self, person: &Person, password: &str) -> bool {
        let scope = named(person.organization);
        self.sign_in(&person.email, password, scope).await.is_ok()
    }

    pub(crate) async fn forgot(&self, email: &str, scope: SignInScope) -> Result<(), AttemptError> {
        let request = ForgotPassword {
            email: email.parse().unwrap(),
            scope,
        };
        self.auth.forgot_password(&client(), request).await
    }

    pub(crate) async fn reset(&self, token: &str) -> Result<(), ResetPasswordError> {
        let password = NEW_PASSWORD.parse().unwrap();
        self.auth.reset_password(&client(), token, &password).await
    }

    pub(crate) async fn accept(&self, token: &str) -> Result<SignedIn, AcceptInvitationError> {
        let accept = AcceptInvitation {
            token: token.to_owned(),
            password: NEW_PASSWORD.parse().unwrap(),
            name: None,
        };
        self.auth.accept_invitation(&client(), accept).await
    }

    pub(crate) async fn change(
        &self,
        claims: &Claims,
        current: &str,
    ) -> Result<(), ChangePasswordError> {
        let new = NEW_PASSWORD.parse().unwrap();
        self.auth
            .change_password(&client(), claims, &current.into(), &new)
            .await
    }

    /// A person's user as it is stored.
    pub(crate) async fn user(&self, person: &Person) -> PortalUser {
        let reader = self.reader(person.scope()).await;
        reader.account(person.id).await.unwrap().unwrap().user
    }

    /// The claims of a session that a person opens now.
    pub(crate) async fn claims(&self, person: &Person) -> Claims {
        let scope = named(person.organization);
        let signed_in = self.sign_in(&person.email, PASSWORD, scope).await;
        let user = signed_in.unwrap().account.user;
        Claims {
            user_id: user.id,
            organization_id: user.organization_id,
            session_version: user.session_version,
        }
    }

    /// Whether a session still exists.
    pub(crate) async fn is_kept(&self, signed_in: &SignedIn) -> bool {
        let found = self.sessions.load(&signed_in.session.token).await;
        found.unwrap().is_some()
    }

    /// A token for a person, as the mail sender mints it.
    pub(crate) async fn mint(&self, person: &Person, purpose: OneTimeTokenPurpose) -> String {
        let token = OneTimeToken::generate();
        let minted = self.automate(person.scope(), async |op| {
            let hash = token.hash();
            profiles::mint_token(op, person.id, purpose, op.now(), hash).await
        });
        assert!(minted.await.unwrap());
        token.expose().to_owned()
    }
}

/// A client at the default address.
pub(crate) fn client() -> Client {
    client_at("203.0.113.9")
}

/// A client at an address.
pub(crate) fn client_at(address: &str) -> Client {
    let address: IpAddr = address.parse().unwrap();
    let mut info = TestWorld::client_info();
    info.ip_address = Some(address);
    Client {
        address,
        info,
        is_browser: false,
        devices: Vec::new(),
    }
}

/// Without an organization.
pub(crate) fn anywhere() -> SignInScope {
    SignInScope::default()
}

/// In a named organization.
pub(crate) fn named(organization: OrganizationId) -> SignInScope {
    SignInScope {
        organization: Some(organization),
        host: None,
    }
}

/// At a domain, in a named organization if any.
pub(crate) fn at_host(host: &str, organization: Option<OrganizationId>) -> SignInScope {
    SignInScope {
        organization,
        host: Some(host.parse().unwrap()),
    }
}

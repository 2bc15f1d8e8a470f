//! No organization reaches into another.

use portal_domain::assets::Checkout;
use portal_domain::audit::AuditFilter;
use portal_domain::branding::{self, BrandingChanges};
use portal_domain::devices::{Device, DeviceFilter};
use portal_domain::environment::Environment as _;
use portal_domain::ids::{CheckoutId, OneTimeTokenId, TicketId};
use portal_domain::notifications::{MailKind, OutboxMail};
use portal_domain::operation::Operation;
use portal_domain::pagination::PageRequest;
use portal_domain::profiles::{OneTimeToken, OneTimeTokenPurpose, PortalUser, Role};
use portal_domain::store::{StorageError, TenantStore as _};
use portal_domain::tickets::{
    self, Audience, Comment, Participation, Ticket, TicketFilter, TicketNumber, TicketPriority,
};
use portal_test_support::ManualEnvironment;
use portal_test_support::operator;

use crate::fixtures::{Tenant, clock, device, device_record, loan, promote, tenant, ticket};
use crate::portal::Portal;

/// An organization that has one of everything.
struct Full {
    tenant: Tenant,
    device: Device,
    ticket: Ticket,
    comment: Comment,
    checkout: Checkout,
    token: OneTimeToken,
}

async fn full(store: &Portal, env: &ManualEnvironment) -> Full {
    let tenant = tenant(store, env, "acme").await;
    let customer = &tenant.customer;
    let device = device(store, env, tenant.scope, device_record("printer")).await;
    let ticket = ticket(store, env, customer, "Printer", TicketPriority::Normal).await;
    let checkout = loan(store, env, customer, &device, None).await;
    let user_id = customer.account.user.id;
    let token = OneTimeToken {
        id: OneTimeTokenId::generate(env),
        organization_id: tenant.organization.id,
        user_id,
        purpose: OneTimeTokenPurpose::PasswordReset,
        token_hash: "hash of a token".to_owned(),
        created_at: env.now(),
        expires_at: env.now() + OneTimeTokenPurpose::PasswordReset.lifetime(),
        used_at: None,
    };
    let tx = store.begin(tenant.scope).await.unwrap();
    let content = "Still on fire.".parse().unwrap();
    let comment =
        tickets::add_customer_reply(&Operation::new(&*tx, customer, env), ticket.id, content)
            .await
            .unwrap();
    let changes = BrandingChanges {
        enable_tickets: Some(false),
        ..BrandingChanges::default()
    };
    branding::change(&Operation::new(&*tx, &operator(), env), changes)
        .await
        .unwrap();
    tx.add_token(&token).await.unwrap();
    tx.commit().await.unwrap();
    Full {
        tenant,
        device,
        ticket,
        comment,
        checkout,
        token,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_organization_sees_nothing() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = full(store, &env).await;
    let globex = tenant(store, &env, "globex").await;
    promote(store, &env, &globex).await;
    let user = &acme.tenant.customer.account.user;
    let page = PageRequest::default();

    let reader = store.reader(globex.scope).await.unwrap();
    assert_eq!(reader.scope(), globex.scope);
    assert_eq!(reader.account(user.id).await.unwrap(), None);
    assert_eq!(reader.user_by_email(&user.email).await.unwrap(), None);
    assert_eq!(
        reader.users().await.unwrap(),
        [PortalUser {
            role: Role::Manager,
            ..globex.customer.account.user.clone()
        }]
    );
    assert_eq!(reader.password_hash(user.id).await.unwrap(), None);
    assert_eq!(
        reader
            .tickets(&TicketFilter::default(), page)
            .await
            .unwrap()
            .total,
        0
    );
    let any = TicketFilter::default();
    assert_eq!(reader.tickets(&any, page).await.unwrap().items, []);
    assert_eq!(reader.team_tickets(&any, page).await.unwrap().items, []);
    assert_eq!(reader.ticket(acme.ticket.id).await.unwrap(), None);
    let visible = reader.visible_ticket(user.id, acme.ticket.id).await;
    assert_eq!(visible.unwrap(), None);
    let manager = reader.visible_ticket(globex.customer.account.user.id, acme.ticket.id);
    assert_eq!(manager.await.unwrap(), None);
    assert_eq!(reader.participants(acme.ticket.id).await.unwrap(), []);
    assert_eq!(reader.device_of_ticket(acme.ticket.id).await.unwrap(), None);
    let active = reader.active_users().await.unwrap();
    assert!(active.iter().all(|colleague| colleague.id != user.id));
    let comments = reader.comments(acme.ticket.id, Audience::Team, PageRequest::default());
    assert_eq!(comments.await.unwrap().total, 0);
    let reply = reader.last_team_reply(acme.ticket.id).await.unwrap();
    assert_eq!(reply, None);
    assert_eq!(reader.comment(acme.comment.id).await.unwrap(), None);
    let all = DeviceFilter {
        include_ephemeral: true,
        ..DeviceFilter::default()
    };
    assert_eq!(reader.devices(all, page).await.unwrap().total, 0);
    assert_eq!(reader.devices(all, page).await.unwrap().items, []);
    assert_eq!(reader.device(acme.device.id).await.unwrap(), None);
    assert_eq!(
        reader
            .device_by_hostname(&acme.device.hostname)
            .await
            .unwrap(),
        None
    );
    assert_eq!(reader.available_assets(page).await.unwrap().total, 0);
    assert_eq!(reader.loans_of(user.id, page).await.unwrap().total, 0);
    assert_eq!(reader.loans_of(user.id, page).await.unwrap().items, []);
    assert_eq!(reader.loan(acme.checkout.id).await.unwrap(), None);
    assert_eq!(reader.loans_out().await.unwrap(), []);
    assert_eq!(reader.active_checkout(acme.device.id).await.unwrap(), None);
    assert_eq!(
        reader.own_organization().await.unwrap().unwrap(),
        globex.organization
    );
    assert_eq!(reader.branding().await.unwrap(), None);
    let entries = reader
        .audit_entries(&AuditFilter::default(), 100)
        .await
        .unwrap();
    assert!(!entries.is_empty());
    assert!(
        entries
            .iter()
            .all(|entry| entry.organization_id == globex.organization.id)
    );
}

fn missing<T>(result: &Result<T, StorageError>) -> bool {
    matches!(result, Err(StorageError::Missing(_)))
}

fn refused<T>(result: &Result<T, StorageError>) -> bool {
    matches!(result, Err(StorageError::Query(_)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_organization_changes_nothing() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = full(store, &env).await;
    let globex = tenant(store, &env, "globex").await;
    let user = &acme.tenant.customer.account.user;
    let now = env.now();

    let tx = store.begin(globex.scope).await.unwrap();
    assert_eq!(tx.lock_user(user.id).await.unwrap(), None);
    assert_eq!(tx.lock_ticket(acme.ticket.id).await.unwrap(), None);
    assert!(missing(&tx.update_user(user).await));
    assert!(missing(&tx.record_login(user.id, now).await));
    assert!(missing(&tx.set_password_hash(user.id, "stolen").await));
    assert!(missing(&tx.raise_session_version(user.id).await));
    assert!(
        !tx.upgrade_password_hash(user.id, "hash", "stolen")
            .await
            .unwrap()
    );
    assert!(!tx.use_token(acme.token.id, now).await.unwrap());
    tx.void_tokens(user.id, OneTimeTokenPurpose::ALL, now)
        .await
        .unwrap();
    assert!(missing(&tx.update_comment(&acme.comment).await));
    assert!(!tx.close_checkout(&acme.checkout).await.unwrap());
    assert!(!tx.move_return(acme.checkout.id, now).await.unwrap());
    assert!(refused(&tx.update_ticket(&acme.ticket).await));
    assert!(refused(&tx.update_device(&acme.device).await));
    // claimed to be its own, the row is still not there
    let own = globex.organization.id;
    let ticket = Ticket {
        organization_id: own,
        ..acme.ticket.clone()
    };
    assert!(missing(&tx.update_ticket(&ticket).await));
    let device = Device {
        organization_id: own,
        ..acme.device.clone()
    };
    assert!(missing(&tx.update_device(&device).await));
    assert!(refused(&tx.add_user(user, None).await));
    assert!(refused(&tx.add_ticket(&acme.ticket).await));
    assert!(refused(&tx.add_comment(&acme.comment).await));
    assert_eq!(
        tx.participation(acme.ticket.id, user.id).await.unwrap(),
        None
    );
    let participation = Participation {
        organization_id: acme.tenant.organization.id,
        ticket_id: acme.ticket.id,
        user_id: user.id,
        added_at: now,
        removed_at: None,
    };
    assert!(refused(&tx.save_participation(&participation).await));
    assert!(refused(&tx.add_device(&acme.device).await));
    assert!(refused(&tx.add_checkout(&acme.checkout).await));
    assert!(refused(&tx.add_token(&acme.token).await));
    let mail = MailKind::PasswordChanged { user_id: user.id };
    let mail = OutboxMail::new(&env, acme.tenant.organization.id, mail);
    assert!(refused(&tx.add_mail(&mail).await));
    tx.commit().await.unwrap();

    let reader = store.reader(acme.tenant.scope).await.unwrap();
    let account = reader.account(user.id).await.unwrap().unwrap();
    assert_eq!(&account.user, user);
    assert_eq!(
        reader.password_hash(user.id).await.unwrap().unwrap(),
        "hash"
    );
    assert_eq!(
        reader.active_checkout(acme.device.id).await.unwrap(),
        Some(acme.checkout)
    );
    let tx = store.begin(acme.tenant.scope).await.unwrap();
    assert!(tx.use_token(acme.token.id, now).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_refer_to_their_own_organization_only() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = full(store, &env).await;
    let globex = tenant(store, &env, "globex").await;
    let own = globex.organization.id;

    let tx = store.begin(globex.scope).await.unwrap();
    let ticket = Ticket {
        id: TicketId::generate(&env),
        number: TicketNumber::generate(&env),
        organization_id: own,
        ..acme.ticket.clone()
    };
    assert!(refused(&tx.add_ticket(&ticket).await));
    drop(tx);

    let tx = store.begin(globex.scope).await.unwrap();
    let participation = Participation {
        organization_id: own,
        ticket_id: acme.ticket.id,
        user_id: globex.customer.account.user.id,
        added_at: env.now(),
        removed_at: None,
    };
    assert!(refused(&tx.save_participation(&participation).await));
    drop(tx);

    let tx = store.begin(globex.scope).await.unwrap();
    let checkout = Checkout {
        id: CheckoutId::generate(&env),
        organization_id: own,
        checked_out_to: globex.customer.account.user.id,
        checked_in_at: Some(env.now()),
        ..acme.checkout.clone()
    };
    assert!(refused(&tx.add_checkout(&checkout).await));
    drop(tx);

    let tx = store.begin(globex.scope).await.unwrap();
    let token = OneTimeToken {
        id: OneTimeTokenId::generate(&env),
        organization_id: own,
        token_hash: "another".to_owned(),
        ..acme.token
    };
    assert!(refused(&tx.add_token(&token).await));
}

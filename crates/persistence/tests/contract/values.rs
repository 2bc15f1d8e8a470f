//! What is stored comes back.

use chrono::{DateTime, Utc};
use portal_domain::assets::{CheckinRequest, CheckoutRequest, check_in, check_out};
use portal_domain::devices::{Device, DeviceStatus, OsType};
use portal_domain::environment::Environment as _;
use portal_domain::ids::DeviceId;
use portal_domain::operation::Operation;
use portal_domain::pagination::PageRequest;
use portal_domain::profiles::{Locale, Notifications, Role, UserStatus};
use portal_domain::store::TenantStore as _;
use portal_domain::tickets::{
    TeamTicketSummary, Ticket, TicketFilter, TicketPriority, TicketStatus, TicketSummary,
};

use crate::fixtures::{clock, device, device_record, tenant, ticket};
use crate::portal::Portal;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instants_keep_their_microseconds() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    for (n, text) in [
        "2026-01-31T09:05:00.123456Z",
        "2026-01-31T09:05:00.000001Z",
        "2026-01-31T09:05:00Z",
        "1969-12-31T23:59:59.999999Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
    ]
    .iter()
    .enumerate()
    {
        let seen: DateTime<Utc> = text.parse().unwrap();
        let mut record = device_record(&format!("device-{n}"));
        record.last_seen_at = Some(seen);
        let stored = device(store, &env, acme.scope, record).await;
        let reader = store.reader(acme.scope).await.unwrap();
        assert_eq!(
            reader.device(stored.id).await.unwrap(),
            Some(stored),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entities_come_back_as_they_were() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let (customer, now) = (&acme.customer, env.now());
    let loaned = device(store, &env, acme.scope, device_record("printer")).await;
    let sparse = ticket(store, &env, customer, "Printer", TicketPriority::Normal).await;
    let full = Ticket {
        subject: "Größe ' \" \\ % _ 🖨".parse().unwrap(),
        device_id: Some(loaned.id),
        assigned_to_name: Some("Robin".parse().unwrap()),
        external_ticket_id: Some("JIRA-1".parse().unwrap()),
        external_ticket_url: Some("http://jira.example/1".parse().unwrap()),
        first_response_at: Some(now),
        resolved_at: Some(now),
        closed_at: Some(now),
        ..sparse.clone()
    };

    let tx = store.begin(acme.scope).await.unwrap();
    assert_eq!(tx.ticket(sparse.id).await.unwrap().as_ref(), Some(&sparse));
    tx.update_ticket(&full).await.unwrap();
    assert_eq!(tx.ticket(sparse.id).await.unwrap().as_ref(), Some(&full));
    let (any, page) = (TicketFilter::default(), PageRequest::default());
    let listed = tx.tickets(&any, page).await.unwrap().items;
    assert_eq!(listed, [TicketSummary::from(&full)]);
    let listed = tx.team_tickets(&any, page).await.unwrap().items;
    assert_eq!(listed, [TeamTicketSummary::from(&full)]);
    tx.update_ticket(&sparse).await.unwrap();
    assert_eq!(tx.ticket(sparse.id).await.unwrap(), Some(sparse));

    let request = CheckoutRequest {
        expected_return_at: Some(now),
        notes: Some("with\nits bag".parse().unwrap()),
        condition: Some("new".parse().unwrap()),
    };
    let checkout = check_out(&Operation::new(&*tx, customer, &env), loaned.id, request)
        .await
        .unwrap();
    assert_eq!(tx.active_checkout(loaned.id).await.unwrap(), Some(checkout));
    let request = CheckinRequest {
        notes: Some("without its bag".parse().unwrap()),
        condition: Some("used".parse().unwrap()),
    };
    let checkout = check_in(&Operation::new(&*tx, customer, &env), loaned.id, request)
        .await
        .unwrap();
    let stored = tx.loan(checkout.id).await.unwrap().unwrap();
    assert_eq!((stored.checkout, stored.device), (checkout, loaned));

    let mut user = customer.account.user.clone();
    user.name = None;
    user.role = Role::Manager;
    user.notifications = Notifications {
        enabled: false,
        own_tickets: false,
        shared_tickets: true,
        loans: false,
    };
    user.invited_at = Some(now);
    assert!(tx.update_user(&user).await.unwrap());
    tx.record_login(user.id, now).await.unwrap();
    user.last_login_at = Some(now);
    assert_eq!(tx.account(user.id).await.unwrap().unwrap().user, user);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_state_can_be_stored() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let base = device(store, &env, acme.scope, device_record("printer")).await;
    let submitted = ticket(
        store,
        &env,
        &acme.customer,
        "Printer",
        TicketPriority::Normal,
    )
    .await;

    let tx = store.begin(acme.scope).await.unwrap();
    for (n, status) in DeviceStatus::ALL.iter().copied().enumerate() {
        let os_type = OsType::ALL[n % OsType::ALL.len()];
        let (id, hostname) = (
            DeviceId::generate(&env),
            format!("device-{n}").parse().unwrap(),
        );
        let device = Device {
            id,
            hostname,
            status,
            os_type,
            ..base.clone()
        };
        assert!(tx.add_device(&device).await.unwrap());
        assert_eq!(tx.device(id).await.unwrap(), Some(device));
    }
    for (n, status) in TicketStatus::ALL.iter().copied().enumerate() {
        let priority = TicketPriority::ALL[n % TicketPriority::ALL.len()];
        let ticket = Ticket {
            status,
            priority,
            ..submitted.clone()
        };
        tx.update_ticket(&ticket).await.unwrap();
        assert_eq!(tx.ticket(ticket.id).await.unwrap(), Some(ticket));
    }
    let mut user = acme.customer.account.user;
    for (n, status) in UserStatus::ALL.iter().copied().enumerate() {
        user.status = status;
        user.locale = Some(Locale::ALL[n % Locale::ALL.len()]);
        assert!(tx.update_user(&user).await.unwrap());
        assert_eq!(tx.lock_user(user.id).await.unwrap().as_ref(), Some(&user));
    }
}

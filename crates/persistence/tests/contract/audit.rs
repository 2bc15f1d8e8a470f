//! The audit log.

use chrono::TimeDelta;
use portal_domain::actors::{Automation, Customer, Technician};
use portal_domain::audit::{Actor, AuditAction, AuditEntry, AuditFilter, ClientInfo};
use portal_domain::environment::Environment as _;
use portal_domain::store::TenantStore as _;
use serde_json::json;

use crate::fixtures::{clock, tenant};
use crate::portal::Portal;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_come_newest_first() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let user = &acme.customer.account.user;
    let browsing = Customer {
        client: ClientInfo {
            ip_address: Some("2001:db8::1".parse().unwrap()),
            user_agent: Some("Mozilla/5.0 (\"quoted\")".to_owned()),
        },
        ..acme.customer.clone()
    };
    let grace = Technician::named("Grace Größe".parse().unwrap());
    let actors: [(AuditAction, &dyn Actor); 4] = [
        (AuditAction::PortalAuthLogin, &browsing),
        (AuditAction::PortalAuthLoginFailed, &acme.customer),
        (AuditAction::UserUpdate, &grace),
        (AuditAction::UserInvite, &Automation),
    ];
    let mut written = Vec::new();
    let tx = store.begin(acme.scope).await.unwrap();
    for (action, actor) in actors {
        env.advance(TimeDelta::seconds(1));
        let details = json!({ "updatedFields": ["name"], "größe": { "n": 1.5, "null": null } });
        let entry = AuditEntry::new(&env, acme.organization.id, actor, action, user, details);
        let entry = if actor_failed(action) {
            entry.failed()
        } else {
            entry
        };
        tx.add_audit_entry(&entry).await.unwrap();
        written.insert(0, entry);
    }
    tx.commit().await.unwrap();

    let reader = store.reader(acme.scope).await.unwrap();
    let any = AuditFilter::default();
    assert_eq!(reader.audit_entries(&any, 4).await.unwrap(), written);
    let names: Vec<_> = written
        .iter()
        .map(|entry| entry.actor_name.as_deref())
        .collect();
    assert_eq!(names, [None, Some("Grace Größe"), None, None]);
    assert_eq!(reader.audit_entries(&any, 1).await.unwrap(), written[..1]);
    let since = AuditFilter {
        since: Some(env.now() - TimeDelta::seconds(1)),
        ..any.clone()
    };
    assert_eq!(
        reader.audit_entries(&since, 100).await.unwrap(),
        written[..2]
    );
    let action = AuditFilter {
        action: Some(AuditAction::PortalAuthLogin),
        ..any
    };
    assert_eq!(
        reader.audit_entries(&action, 100).await.unwrap(),
        written[3..]
    );
}

fn actor_failed(action: AuditAction) -> bool {
    action == AuditAction::PortalAuthLoginFailed
}

//! The audit log.

use chrono::TimeDelta;
use portal_domain::audit::{Actor, AuditAction, AuditEntry, AuditFilter, ClientInfo};
use portal_domain::environment::Environment as _;
use portal_domain::store::Store;
use serde_json::json;

use crate::fixtures::{clock, tenant};
use crate::portal::Portal;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_come_newest_first() {
    let store = &Portal::create().await;
    let env = clock();
    let acme = tenant(store, &env, "acme").await;
    let user = &acme.customer.account.user;
    let origin = ClientInfo {
        ip_address: Some("2001:db8::1".parse().unwrap()),
        user_agent: Some("Mozilla/5.0 (\"quoted\")".to_owned()),
    };
    let mut written = Vec::new();
    let work = store.begin(acme.scope).await.unwrap();
    for (action, actor) in [
        (AuditAction::PortalAuthLogin, user.acting_from(&origin)),
        (
            AuditAction::PortalAuthLoginFailed,
            user.acting_from(&ClientInfo::default()),
        ),
        (AuditAction::UserUpdate, Actor::System),
    ] {
        env.advance(TimeDelta::seconds(1));
        let details = json!({ "updatedFields": ["name"], "größe": { "n": 1.5, "null": null } });
        let entry = AuditEntry::new(&env, acme.organization.id, &actor, action, user, details);
        let entry = if actor_failed(action) {
            entry.failed()
        } else {
            entry
        };
        work.add_audit_entry(&entry).await.unwrap();
        written.insert(0, entry);
    }
    work.commit().await.unwrap();

    let reader = store.reader(acme.scope).await.unwrap();
    let any = AuditFilter::default();
    assert_eq!(reader.audit_entries(&any, 3).await.unwrap(), written);
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
        written[2..]
    );
}

fn actor_failed(action: AuditAction) -> bool {
    action == AuditAction::PortalAuthLoginFailed
}

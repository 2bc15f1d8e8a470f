//! Restarts that nobody notices.

use portal_system_tests::smtp::{MailEncryption, SmtpServer};

use crate::backends::Backends;
use crate::load::Load;
use crate::proxy::Proxy;
use portal_test_support::program::eventually;

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_restarted_in_turn_lose_no_request() {
    let backends = Backends::start().await;
    let mails = SmtpServer::start(MailEncryption::None, None);
    let launch = backends
        .launch()
        .production()
        .set("SMTP_URL", mails.url())
        .set("PORTAL_DRAIN_SECONDS", "1");
    let mut instances = vec![launch.start().await, launch.start().await];
    let proxy = Proxy::start([instances[0].address(), instances[1].address()]).await;
    let used = async |address| {
        let is_used = async || proxy.uses(address).then_some(());
        eventually("an instance in use", is_used).await;
    };
    for instance in &instances {
        used(instance.address()).await;
    }

    let load = Load::start(proxy.address());
    load.submit_more(20).await;
    for _ in 0..2 {
        let old = instances.remove(0);
        let address = old.address();
        old.stopped_by("TERM").await;
        load.submit_more(20).await;
        let new = launch.start().await;
        proxy.replace(address, new.address());
        used(new.address()).await;
        instances.push(new);
        load.submit_more(20).await;
    }
    let outcome = load.stop().await;

    assert_eq!(outcome.failures, [""; 0]);
    assert_eq!((outcome.refusals, outcome.lost_sessions), (0, 0));
    let kept = backends.assert_kept(&outcome);
    assert_eq!(
        kept,
        outcome.acknowledged.len(),
        "each ticket is there once"
    );
    for instance in instances {
        instance.stopped_by("TERM").await;
    }
}

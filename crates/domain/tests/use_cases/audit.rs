//! Every change has an audit entry, written in its transaction.

use chrono::TimeDelta;
use portal_domain::actors::Customer;
use portal_domain::assets::{self, CheckinRequest, CheckoutRequest};
use portal_domain::audit::{ActorType, AuditAction, AuditEntry, AuditResult};
use portal_domain::branding::{self, BrandingChanges};
use portal_domain::devices::{self, DeviceChanges, DeviceFilter};
use portal_domain::environment::Environment as _;
use portal_domain::files::{self, FileLimits};
use portal_domain::ids::{CheckoutId, CommentId, DeviceId, TicketId, UserId};
use portal_domain::operation::Operation;
use portal_domain::organizations::{self, NewOrganization, OrganizationStatus};
use portal_domain::pagination::PageRequest;
use portal_domain::profiles::{
    self, OneTimeToken, OneTimeTokenPurpose, ProfileChanges, UserChanges,
};
use portal_domain::tickets::{
    self, Audience, ColleagueRef, ExternalTicket, TicketFilter, TicketPriority, TicketStatus,
    Triage,
};
use portal_domain::values::TimeZone;
use portal_test_support::fixtures::{device_record, new_ticket, new_user};
use portal_test_support::{Person, TestWorld, operator, technician};
use serde_json::{Value, json};

/// Any error of a use case.
type Failure = Box<dyn std::error::Error>;

/// The data of `acme` before an action.
struct Things {
    open_ticket: TicketId,
    comment: CommentId,
    resolved_ticket: TicketId,
    free_device: DeviceId,
    lent_device: DeviceId,
    checkout: CheckoutId,
    participant: Person,
    invited: Person,
    disabled: Person,
    reset_token: OneTimeToken,
    invitation: OneTimeToken,
}

impl Things {
    async fn make(world: &TestWorld) -> Self {
        let acme = &world.acme;
        let ada = &acme.ada;
        let open_ticket = world.ticket(ada, "Printer").await.id;
        let reply = world.act(ada, async |op| {
            let content = "secret words".parse().unwrap();
            tickets::add_customer_reply(op, open_ticket, content).await
        });
        let comment = reply.await.unwrap().id;
        let resolved_ticket = world.ticket(ada, "Scanner").await.id;
        world
            .set_ticket_status(acme, resolved_ticket, TicketStatus::Resolved)
            .await;
        let free_device = world.put_device(acme, device_record("free")).await.id;
        let lent_device = world.put_device(acme, device_record("lent")).await.id;
        let lent = world.act(ada, async |op| {
            let request = CheckoutRequest::default();
            assets::check_out(op, lent_device, request).await
        });
        let checkout = lent.await.unwrap().id;
        let participant = world.person(acme.id, "participant@acme.example").await;
        world.add_participant(ada, open_ticket, &participant).await;
        let invited = world.invited(acme, "invited@acme.example").await;
        let disabled = world.person(acme.id, "disabled@acme.example").await;
        world.disable_user(&disabled).await;
        world.claim_domain(acme, "support.acme.example").await;
        Self {
            open_ticket,
            comment,
            resolved_ticket,
            free_device,
            lent_device,
            checkout,
            participant,
            reset_token: mint(world, ada, OneTimeTokenPurpose::PasswordReset).await,
            invitation: mint(world, &invited, OneTimeTokenPurpose::Invitation).await,
            invited,
            disabled,
        }
    }
}

async fn mint(world: &TestWorld, person: &Person, purpose: OneTimeTokenPurpose) -> OneTimeToken {
    let hash = UserId::generate(&*world.env).to_string();
    let minted = world.automate(person.scope(), async |op| {
        profiles::mint_token(op, person.id, purpose, op.now(), hash.clone()).await
    });
    assert!(minted.await.unwrap());
    let reader = world.store.system_reader().await.unwrap();
    let found = reader.token_by_hash(&hash).await.unwrap();
    found.unwrap().0
}

/// The expected resource and details of an entry.
#[derive(Debug, PartialEq)]
struct Resource {
    kind: &'static str,
    id: String,
    details: Value,
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "an id is no more than a reference"
)]
fn resource(kind: &'static str, id: impl ToString, details: Value) -> Resource {
    let id = id.to_string();
    Resource { kind, id, details }
}

/// Performs an action on `acme`, as `ada` or for the team.
async fn perform(
    action: AuditAction,
    world: &TestWorld,
    things: &Things,
    op: &Operation<'_, Customer>,
) -> Result<Resource, Failure> {
    use AuditAction as A;

    let (acme, ada) = (world.acme.id, &op.by.account.user);
    let (technician, operator) = (technician(), operator());
    let team = &Operation::new(op.tx, &technician, &*world.env);
    let operations = &Operation::new(op.tx, &operator, &*world.env);
    let (open, resolved) = (things.open_ticket, things.resolved_ticket);
    let text = || "secret words".parse().unwrap();
    let email = |person: &Person| person.email.parse().unwrap();
    let nothing = json!({});
    Ok(match action {
        A::PortalTicketCreate => {
            let ticket = tickets::submit(op, new_ticket("Plotter")).await?;
            let number = ticket.number.as_str();
            let details = json!({ "priority": "normal", "ticketNumber": number });
            resource("ticket", ticket.id, details)
        }
        A::PortalTicketClose => {
            tickets::close(op, resolved).await?;
            resource("ticket", resolved, nothing)
        }
        A::PortalTicketCommentCreate => {
            let reply = tickets::add_customer_reply(op, open, text()).await?;
            resource("ticket_comment", reply.id, json!({ "ticketId": open }))
        }
        A::PortalTicketCommentUpdate => {
            let content = "other secret words".parse()?;
            tickets::edit_comment(op, open, things.comment, content).await?;
            let details = json!({ "ticketId": open });
            resource("ticket_comment", things.comment, details)
        }
        A::PortalTicketCommentDelete => {
            tickets::withdraw_comment(op, open, things.comment).await?;
            let details = json!({ "ticketId": open });
            resource("ticket_comment", things.comment, details)
        }
        A::PortalFileUpload => {
            let stored = world.files.stored(acme, "a.txt", "secret words").await;
            let file = files::add_upload(op, &FileLimits::DEFAULT, stored).await?;
            let details = json!({ "contentType": "text/plain", "sizeBytes": 12 });
            resource("file", file.id, details)
        }
        A::FileUpload => {
            let stored = world.files.stored(acme, "a.txt", "secret words").await;
            let file = files::add_team_upload(team, stored).await?;
            let details = json!({ "contentType": "text/plain", "sizeBytes": 12 });
            resource("file", file.id, details)
        }
        A::PortalTicketParticipantAdd => {
            let colleague = ColleagueRef::Id(world.acme.bob.id);
            tickets::add_participant(op, open, colleague).await?;
            let details = json!({ "userId": world.acme.bob.id, "email": world.acme.bob.email });
            resource("ticket", open, details)
        }
        A::PortalTicketParticipantRemove => {
            let removed = &things.participant;
            tickets::remove_participant(op, open, removed.id).await?;
            let details = json!({ "userId": removed.id, "email": removed.email });
            resource("ticket", open, details)
        }
        A::PortalAssetCheckout => {
            let request = CheckoutRequest {
                notes: Some("secret words".parse()?),
                ..CheckoutRequest::default()
            };
            let device = things.free_device;
            let checkout = assets::check_out(op, device, request).await?;
            resource("asset_checkout", checkout.id, json!({ "deviceId": device }))
        }
        A::PortalAssetCheckin => {
            let (device, request) = (things.lent_device, CheckinRequest::default());
            assets::check_in(op, device, request).await?;
            let details = json!({ "deviceId": device });
            resource("asset_checkout", things.checkout, details)
        }
        A::PortalAssetExtend => {
            let to = op.now() + TimeDelta::days(1);
            assets::extend(op, things.checkout, to).await?;
            let details = json!({ "deviceId": things.lent_device });
            resource("asset_checkout", things.checkout, details)
        }
        A::PortalProfileUpdate => {
            let changes = ProfileChanges {
                name: Some("Ada M.".parse()?),
                password_hash: Some("secret hash".to_owned()),
                ..ProfileChanges::default()
            };
            profiles::update_profile(op, changes).await?;
            let details = json!({ "updatedFields": ["name"], "passwordUpdated": true });
            resource("portal_user", ada.id, details)
        }
        A::PortalProfilePasswordChange => {
            profiles::change_password(op, "secret hash").await?;
            resource("portal_user", ada.id, nothing)
        }
        A::PortalAuthLogin => {
            profiles::record_sign_in(op).await?;
            resource("portal_user", ada.id, nothing)
        }
        A::PortalAuthLoginFailed => {
            profiles::record_failed_sign_in(op).await?;
            resource("portal_user", ada.id, nothing)
        }
        A::PortalAuthLogout => {
            profiles::record_sign_out(op).await?;
            resource("portal_user", ada.id, nothing)
        }
        A::PortalAuthPasswordReset => {
            let (token, hash) = (&things.reset_token, "secret hash");
            profiles::reset_password(op, token, hash).await?;
            resource("portal_user", ada.id, nothing)
        }
        A::PortalAuthInviteAccept => {
            let account = op.tx.account(things.invited.id).await?.unwrap();
            let client = TestWorld::client_info();
            let invited = Customer { account, client };
            let op = Operation::new(op.tx, &invited, &*world.env);
            let (token, hash) = (&things.invitation, "secret hash");
            profiles::accept_invitation(&op, token, hash, None).await?;
            resource("portal_user", things.invited.id, nothing)
        }
        A::TicketTriage => {
            let priority = TicketPriority::Urgent;
            tickets::triage(team, open, Triage { priority }).await?;
            let details = json!({ "priority": "urgent", "status": "open" });
            resource("ticket", open, details)
        }
        A::TicketAssign => {
            tickets::assign(team, open, "Theo".parse().ok()).await?;
            resource("ticket", open, json!({ "assignedToName": "Theo" }))
        }
        A::TicketReply => {
            let reply = tickets::add_team_reply(team, open, text()).await?;
            let details = json!({ "ticketId": open, "authorName": "Theo" });
            resource("ticket_comment", reply.id, details)
        }
        A::TicketNote => {
            let reply = tickets::add_internal_note(team, open, text()).await?;
            let details = json!({ "ticketId": open, "authorName": "Theo" });
            resource("ticket_comment", reply.id, details)
        }
        A::TicketStatus => {
            tickets::set_status(team, open, TicketStatus::Pending).await?;
            resource("ticket", open, json!({ "from": "new", "to": "pending" }))
        }
        A::TicketLink => {
            let external = ExternalTicket {
                id: "PSA-7".parse().ok(),
                url: "https://psa.example/7".parse().ok(),
            };
            tickets::link(team, open, external).await?;
            let details = json!({
                "externalTicketId": "PSA-7",
                "externalTicketUrl": "https://psa.example/7",
            });
            resource("ticket", open, details)
        }
        A::TicketParticipantAdd => {
            let colleague = ColleagueRef::Email(email(&world.acme.bob));
            tickets::add_participant_by_team(team, open, colleague).await?;
            let details = json!({ "userId": world.acme.bob.id, "email": world.acme.bob.email });
            resource("ticket", open, details)
        }
        A::TicketParticipantRemove => {
            let removed = &things.participant;
            tickets::remove_participant_by_team(team, open, removed.id).await?;
            let details = json!({ "userId": removed.id, "email": removed.email });
            resource("ticket", open, details)
        }
        A::TicketDelete => {
            tickets::delete(team, open).await?;
            resource("ticket", open, nothing)
        }
        A::AssetCheckin => {
            let (device, request) = (things.lent_device, CheckinRequest::default());
            assets::take_back(team, device, request).await?;
            let details = json!({ "deviceId": device });
            resource("asset_checkout", things.checkout, details)
        }
        A::DeviceCreate => {
            let device = devices::create(operations, device_record("new")).await?;
            resource("device", device.id, nothing)
        }
        A::DeviceUpdate => {
            let changes = DeviceChanges {
                is_loanable: Some(false),
                ..DeviceChanges::default()
            };
            devices::update(operations, &"free".parse()?, changes).await?;
            resource("device", things.free_device, nothing)
        }
        A::OrganizationBrandingUpdate => {
            let changes = BrandingChanges {
                enable_tickets: Some(false),
                ..BrandingChanges::default()
            };
            branding::change(operations, changes).await?;
            let details = json!({ "updatedFields": ["enableTickets"] });
            resource("portal_branding", acme, details)
        }
        A::OrganizationDomainVerify => {
            branding::verify_domain(operations).await?;
            let details = json!({ "domain": "support.acme.example" });
            resource("portal_branding", acme, details)
        }
        A::UserCreate => {
            let new = new_user("new@acme.example", Some("secret hash"));
            let user = profiles::create(operations, new, false).await?;
            let details = json!({ "status": "active", "role": "member" });
            resource("portal_user", user.id, details)
        }
        A::UserInvite => {
            profiles::invite(operations, &email(&things.invited)).await?;
            resource("portal_user", things.invited.id, nothing)
        }
        A::UserUpdate => {
            let changes = UserChanges {
                name: "Ada M.".parse().ok(),
                ..UserChanges::default()
            };
            profiles::update(operations, &ada.email, changes).await?;
            let details = json!({ "updatedFields": ["name"] });
            resource("portal_user", ada.id, details)
        }
        A::UserEnable => {
            profiles::enable(operations, &email(&things.disabled)).await?;
            resource("portal_user", things.disabled.id, nothing)
        }
        A::UserDisable => {
            profiles::disable(operations, &ada.email).await?;
            resource("portal_user", ada.id, nothing)
        }
        A::OrganizationCreate | A::OrganizationEnable | A::OrganizationDisable => {
            return Err("an operator does this across organizations".into());
        }
    })
}

/// All data of `acme`.
async fn everything(world: &TestWorld) -> String {
    let reader = world.reader(world.acme.scope()).await;
    let (page, any) = (PageRequest::default(), TicketFilter::default());
    let mut tickets = Vec::new();
    let mut comments = Vec::new();
    for ticket in reader.tickets(&any, page).await.unwrap().items {
        tickets.push(reader.ticket(ticket.id).await.unwrap());
        let conversation = reader.comments(ticket.id, Audience::Team, page).await;
        comments.push(conversation.unwrap());
    }
    let users = reader.users().await.unwrap();
    let mut hashes = Vec::new();
    let mut loans = Vec::new();
    for user in &users {
        hashes.push(reader.password_hash(user.id).await.unwrap());
        loans.extend(reader.loans_of(user.id, page).await.unwrap().items);
    }
    let devices = reader.devices(DeviceFilter::default(), page).await.unwrap();
    let branding = reader.branding().await.unwrap();
    let files = reader.all_files().await.unwrap();
    format!(
        "{files:?} {tickets:?} {comments:?} {users:?} {hashes:?} {loans:?} {devices:?} {branding:?} {:?} {:?}",
        world.audit_log(world.acme.id).await,
        world.outbox(world.acme.id).await,
    )
}

/// The only entry that was added to the log.
fn added(before: &[AuditEntry], mut after: Vec<AuditEntry>) -> AuditEntry {
    after.retain(|entry| !before.contains(entry));
    assert_eq!(after.len(), 1, "{after:#?}");
    after.remove(0)
}

fn is_across_organizations(action: AuditAction) -> bool {
    matches!(
        action,
        AuditAction::OrganizationCreate
            | AuditAction::OrganizationEnable
            | AuditAction::OrganizationDisable
    )
}

#[tokio::test]
async fn every_change_has_one_audit_entry_with_actor_action_and_resource() {
    for action in AuditAction::ALL.iter().copied() {
        if is_across_organizations(action) {
            continue;
        }
        let world = TestWorld::create().await;
        let things = Things::make(&world).await;
        let before = world.audit_log(world.acme.id).await;
        world.env.advance(TimeDelta::minutes(1));
        let expected = world.act(&world.acme.ada, async |op| {
            perform(action, &world, &things, op).await
        });
        let expected = expected
            .await
            .unwrap_or_else(|error| panic!("{action}: {error}"));

        let entry = added(&before, world.audit_log(world.acme.id).await);
        assert_eq!(entry.action, action);
        assert_eq!(entry.organization_id, world.acme.id, "{action}");
        assert_eq!(entry.timestamp, world.env.now(), "{action}");
        assert_eq!(entry.resource_type, expected.kind, "{action}");
        assert_eq!(entry.resource_id, expected.id, "{action}");
        let has_name = expected.kind != "portal_branding";
        assert_eq!(entry.resource_name.is_some(), has_name, "{action}");
        assert_eq!(entry.details, expected.details, "{action}");
        let result = match action {
            AuditAction::PortalAuthLoginFailed => AuditResult::Failure,
            _ => AuditResult::Success,
        };
        assert_eq!(entry.result, result, "{action}");
        let by = (entry.actor_type, entry.actor_id, entry.actor_email.clone());
        if action.as_str().starts_with("portal.") {
            let actor = match action {
                AuditAction::PortalAuthInviteAccept => &things.invited,
                _ => &world.acme.ada,
            };
            let email = Some(actor.email.clone());
            assert_eq!(by, (ActorType::User, Some(actor.id), email), "{action}");
            assert_eq!(entry.actor_name, None, "{action}");
            let client = TestWorld::client_info();
            assert_eq!(entry.ip_address, client.ip_address, "{action}");
            assert_eq!(entry.user_agent, client.user_agent, "{action}");
        } else {
            assert_eq!(by, (ActorType::System, None, None), "{action}");
            let is_technicians = action.as_str().starts_with("ticket.")
                || matches!(action, AuditAction::AssetCheckin | AuditAction::FileUpload);
            let name = if is_technicians { "Theo" } else { "Otto" };
            assert_eq!(entry.actor_name.as_deref(), Some(name), "{action}");
            assert_eq!((entry.ip_address, &entry.user_agent), (None, &None));
        }
        assert!(!format!("{entry:?}").contains("secret"), "{entry:?}");
        let other = world.audit_log(world.globex.id).await;
        assert!(other.iter().all(|other| other.id != entry.id), "{action}");
    }
}

#[tokio::test]
async fn the_audit_log_names_the_actor_of_a_shared_use_case() {
    let world = TestWorld::create().await;
    let acme = &world.acme;
    let ticket = world.ticket(&acme.ada, "Printer").await.id;
    let invited = world.invited(acme, "invited@acme.example").await;
    let email = &invited.email.parse().unwrap();
    world
        .operate(acme, async |op| {
            tickets::set_status(op, ticket, TicketStatus::Open).await
        })
        .await;
    let assisted = world.assist(acme, async |op| {
        tickets::set_status(op, ticket, TicketStatus::Pending).await
    });
    assisted.await.unwrap();
    world
        .operate(acme, async |op| profiles::invite(op, email).await)
        .await;
    let automated = world.automate(acme.scope(), async |op| profiles::invite(op, email).await);
    automated.await.unwrap();

    for (action, names) in [
        (AuditAction::TicketStatus, [Some("Theo"), Some("Otto")]),
        (AuditAction::UserInvite, [None, Some("Otto")]),
    ] {
        let log = world.audited(acme.id, action).await;
        let logged: Vec<_> = log
            .iter()
            .map(|entry| entry.actor_name.as_deref())
            .collect();
        assert!(names.iter().all(|name| logged.contains(name)), "{logged:?}");
        assert_eq!(logged.len(), names.len());
        let kinds = log.iter().map(|entry| (entry.actor_type, entry.actor_id));
        assert!(
            kinds
                .into_iter()
                .all(|kind| kind == (ActorType::System, None))
        );
    }
}

#[tokio::test]
async fn a_failed_transaction_leaves_no_change_no_audit_entry_and_no_mail() {
    let world = TestWorld::create().await;
    let things = Things::make(&world).await;
    world.env.advance(TimeDelta::minutes(1));
    let before = everything(&world).await;
    for action in AuditAction::ALL.iter().copied() {
        if is_across_organizations(action) {
            continue;
        }
        let failed = world.act(&world.acme.ada, async |op| {
            perform(action, &world, &things, op)
                .await
                .unwrap_or_else(|error| panic!("{action}: {error}"));
            Err::<(), Failure>("it fails in the end".into())
        });
        let failed = failed.await.unwrap_err();
        assert_eq!(failed.to_string(), "it fails in the end");
        assert_eq!(everything(&world).await, before, "{action}");
    }
}

#[tokio::test]
async fn changes_of_organizations_are_audited_in_the_same_transaction() {
    let world = TestWorld::create().await;
    let env = &*world.env;
    let id = world.globex.id;
    for (action, status) in [
        (
            AuditAction::OrganizationDisable,
            OrganizationStatus::Disabled,
        ),
        (AuditAction::OrganizationEnable, OrganizationStatus::Active),
    ] {
        let before = world.audit_log(id).await;
        let tx = world.operator.begin_system().await.unwrap();
        let set =
            organizations::set_status(&Operation::new(&*tx, &operator(), env), id, status).await;
        set.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(world.audit_log(id).await, before, "{action}");

        world.set_organization_status(id, status).await;
        let entry = added(&before, world.audit_log(id).await);
        assert_eq!(entry.action, action);
        assert_eq!(entry.resource_type, "organization", "{action}");
        assert_eq!(entry.resource_id, id.to_string(), "{action}");
        assert_eq!(entry.resource_name.as_deref(), Some("Globex"), "{action}");
        assert_eq!(entry.actor_type, ActorType::System, "{action}");
        assert_eq!(entry.actor_name.as_deref(), Some("Otto"), "{action}");
    }
    let tx = world.operator.begin_system().await.unwrap();
    let new = NewOrganization {
        name: "Initech".parse().unwrap(),
        slug: None,
        time_zone: TimeZone::UTC,
    };
    let created = organizations::create(&Operation::new(&*tx, &operator(), env), new)
        .await
        .unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(world.audit_log(created.id).await, []);
    let created = world.organization("Initech").await;
    let entry = added(&[], world.audit_log(created).await);
    assert_eq!(entry.action, AuditAction::OrganizationCreate);
    assert_eq!(entry.resource_id, created.to_string());
}

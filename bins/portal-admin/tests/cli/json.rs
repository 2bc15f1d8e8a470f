//! What each command prints with `--json`: a bare entity or a bare array, with the keys of the API.

use std::collections::{BTreeMap, BTreeSet};

use portal_wire::{
    Branding, Colleague, Comment, Device, Loan, Organization, Ticket, TicketSummary, User,
};
use serde_json::Value;
use utoipa::PartialSchema;

use crate::{Portal, text};

const ADA: &str = "ada@acme.example";

/// The keys of a body of the API, as its schema in the OpenAPI document requires them.
fn api<T: PartialSchema>() -> BTreeSet<String> {
    required(&serde_json::to_value(T::schema()).unwrap())
}

fn required(schema: &Value) -> BTreeSet<String> {
    let named = match schema["$ref"].as_str() {
        Some("#/components/schemas/TicketSummary") => api::<TicketSummary>(),
        Some("#/components/schemas/TicketDetails") => api::<portal_wire::TicketDetails>(),
        Some(other) => panic!("{other} is not known here"),
        None => BTreeSet::new(),
    };
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let own = schema["required"].as_array().into_iter().flatten();
    let own = own.map(|key| key.as_str().unwrap().to_owned());
    own.chain(named).chain(parts.flat_map(required)).collect()
}

/// Keys that only operators see.
fn own(keys: &str) -> BTreeSet<String> {
    keys.split_whitespace().map(str::to_owned).collect()
}

fn of<T: PartialSchema>(own_keys: &str) -> BTreeSet<String> {
    let (api, own) = (api::<T>(), own(own_keys));
    assert!(api.is_disjoint(&own), "{own_keys}");
    &api | &own
}

/// Whether a command prints one entity or an array, and the keys of each.
#[derive(Debug, PartialEq)]
enum Shape {
    Entity(BTreeSet<String>),
    Array(BTreeSet<String>),
}

impl Shape {
    fn of(printed: &Value) -> Self {
        let keys = |entity: &Value| {
            let entity = entity.as_object().unwrap_or_else(|| panic!("{entity}"));
            entity.keys().cloned().collect::<BTreeSet<_>>()
        };
        match printed {
            Value::Array(entities) => {
                let shapes: Vec<_> = entities.iter().map(keys).collect();
                let first = shapes.first().unwrap().clone();
                assert!(shapes.iter().all(|shape| *shape == first), "{printed}");
                Self::Array(first)
            }
            entity => Self::Entity(keys(entity)),
        }
    }
}

fn documented() -> BTreeMap<&'static str, Shape> {
    use Shape::{Array, Entity};
    let organization = || of::<Organization>("slug timezone status");
    let user = || of::<User>("hasPassword invitedAt lastLoginAt createdAt updatedAt");
    let device = || of::<Device>("orgId isEphemeral isLoanable createdAt updatedAt");
    let loan = || of::<Loan>("orgId checkedOutTo checkedOutToName");
    let handling = "orgId submitterName submitterEmail assignedToName source \
                    firstResponseAt resolvedAt closedAt";
    let ticket = || of::<Ticket>(handling);
    let line = of::<TicketSummary>(&format!("{handling} externalTicketId externalTicketUrl"));
    let domain = || own("orgId customDomain domainVerified recordName recordValue");
    let tally = || own("created updated unchanged skipped");
    let audit = "id orgId timestamp actorType actorId actorEmail actorName action resourceType resourceId \
                 resourceName details ipAddress userAgent result";
    let mail = "id orgId kind about state attempts lastError createdAt nextAttemptAt sentAt deadAt \
                retriedAt";
    let exported_user = "email name role locale status receive_notifications invited_at last_login_at created_at \
                         updated_at";
    let exported_device = "hostname display_name os_type os_version status last_seen_at is_ephemeral \
                           is_loanable created_at updated_at";
    let exported_ticket = "ticket_number subject description status priority submitter_email \
                           submitter_name assigned_to_name source external_ticket_id \
                           external_ticket_url created_at updated_at first_response_at \
                           resolved_at closed_at";
    BTreeMap::from([
        ("migrate", Entity(own("applied"))),
        ("org create", Entity(organization())),
        ("org list", Array(organization())),
        ("org disable", Entity(organization())),
        ("org enable", Entity(organization())),
        ("user create", Entity(user())),
        ("user invite", Entity(user())),
        ("user disable", Entity(user())),
        ("user enable", Entity(user())),
        ("user list", Array(user())),
        ("user update", Entity(user())),
        ("user import", Entity(tally())),
        ("user export", Array(own(exported_user))),
        ("branding show", Entity(of::<Branding>(""))),
        ("branding set", Entity(of::<Branding>(""))),
        (
            "domain list",
            Array(own(
                "orgId customDomain organization domainVerified recordName recordValue checkedAt \
                 recordMissingSince",
            )),
        ),
        ("domain token", Entity(domain())),
        ("domain verify", Entity(domain())),
        ("device add", Entity(device())),
        ("device update", Entity(device())),
        ("device import", Entity(tally())),
        ("device export", Array(own(exported_device))),
        ("device list", Array(device())),
        ("checkout list", Array(loan())),
        ("checkout checkin", Entity(loan())),
        ("ticket list", Array(line)),
        ("ticket export", Array(own(exported_ticket))),
        ("ticket show", Entity(ticket())),
        ("ticket triage", Entity(ticket())),
        ("ticket assign", Entity(ticket())),
        ("ticket status", Entity(ticket())),
        ("ticket link", Entity(ticket())),
        ("ticket reply", Entity(of::<Comment>("isPublic"))),
        ("ticket attach", Entity(of::<Comment>("isPublic"))),
        ("ticket participants", Array(of::<Colleague>(""))),
        ("ticket delete", Entity(own("id ticketNumber deleted"))),
        ("audit list", Array(own(audit))),
        (
            "files check",
            Array(own("organization orgId files lost orphans repaired")),
        ),
        ("mail list", Array(own(mail))),
        ("mail retry", Entity(own("retried"))),
    ])
}

/// Every command once, in an order in which each has something to print.
fn printed() -> BTreeMap<&'static str, Value> {
    let portal = Portal::without_database();
    let mut printed = BTreeMap::new();
    let mut run = |command: &'static str, more: &[&str]| {
        let words: Vec<_> = command.split(' ').chain(more.iter().copied()).collect();
        let document = portal.json(&words);
        printed.insert(command, document.clone());
        document
    };
    run("migrate", &[]);
    let acme = text(&run("org create", &["--name", "Acme"]), "id");
    let org = ["--org", &acme];
    run("org list", &[]);
    run("org disable", &org);
    run("org enable", &org);

    let bob = [&org[..], &["--email", "bob@acme.example"]].concat();
    run("user create", &bob);
    run("user invite", &bob);
    run("user disable", &bob);
    run("user enable", &bob);
    run("user update", &[&bob[..], &["--name", "Bob"]].concat());
    let users = portal.file("users.csv", "email\neve@acme.example\n");
    run("user import", &[&org[..], &[&users]].concat());
    portal.user(&acme, ADA);
    run("user list", &org);
    run("user export", &org);

    run("branding show", &org);
    let domain = ["--custom-domain", "help.acme.example"];
    run("branding set", &[&org[..], &domain].concat());
    run("domain list", &[]);
    run("domain token", &org);
    run("domain verify", &[&org[..], &["--force"]].concat());

    let hostname = [&org[..], &["--hostname", "lap-01"]].concat();
    let system = ["--os", "linux", "--os-version", "6.12"];
    run("device add", &[&hostname[..], &system].concat());
    run(
        "device update",
        &[&hostname[..], &["--status", "online"]].concat(),
    );
    let inventory = "hostname,os_type,os_version\nlap-02,macos,15.5\n";
    let inventory = portal.file("inventory.csv", inventory);
    run("device import", &[&org[..], &[&inventory]].concat());
    run("device list", &org);
    run("device export", &org);
    portal.checkout(&acme, ADA, "lap-01", None);
    run("checkout list", &org);
    run(
        "checkout checkin",
        &[&org[..], &["--device", "lap-01"]].concat(),
    );

    let number = portal.ticket(&acme, ADA, "Printer");
    run("ticket list", &org);
    run("ticket export", &org);
    run("ticket triage", &[&number, "--priority", "high"]);
    run("ticket assign", &[&number, "--to", "Robin"]);
    let reply = ["--author", "Robin", "--message", "On my way."];
    let manual = portal.file("manual.txt", "Off and on again.");
    run("ticket attach", &[&number, &manual]);
    run("ticket reply", &[&[number.as_str()][..], &reply].concat());
    run("ticket status", &[&number, "resolved"]);
    run("ticket link", &[&number, "--external-id", "T-7"]);
    portal.user(&acme, "cy@acme.example");
    run("ticket show", &[&number]);
    run(
        "ticket participants",
        &[&number, "--add", "cy@acme.example"],
    );
    run("ticket delete", &[&number]);

    run("files check", &[]);
    run("audit list", &org);
    run("mail list", &[]);
    run("mail retry", &[]);
    printed
}

#[test]
fn every_command_prints_a_bare_entity_or_array_with_the_keys_of_the_api() {
    let documented = documented();
    let printed = printed();
    for (command, document) in &printed {
        assert_eq!(
            Some(&Shape::of(document)),
            documented.get(command),
            "{command}: {document}"
        );
    }
    assert!(printed.keys().eq(documented.keys()));
}

#[test]
fn every_ticket_command_prints_the_same_json() {
    let printed = printed();
    let (linked, shown) = (&printed["ticket link"], &printed["ticket show"]);
    assert_eq!(linked, shown);
    assert_eq!(shown["comments"][0], printed["ticket reply"]);
}

/// The commands that a help text lists.
fn listed(portal: &Portal, noun: &[&str]) -> Vec<String> {
    let help = portal.text(&[noun, &["--help"]].concat());
    let commands = help.split_once("Commands:\n").map_or("", |(_, rest)| rest);
    let commands = commands.split("\n\n").next().unwrap();
    let names = commands.lines().filter_map(|line| {
        let name = line.strip_prefix("  ")?.split(' ').next()?;
        (!name.is_empty() && name != "help").then(|| name.to_owned())
    });
    names.collect()
}

#[test]
fn every_command_is_documented() {
    let portal = Portal::without_database();
    let mut commands = BTreeSet::new();
    for noun in listed(&portal, &[]) {
        let verbs = listed(&portal, &[&noun]);
        if verbs.is_empty() {
            commands.insert(noun.clone());
        }
        commands.extend(verbs.iter().map(|verb| format!("{noun} {verb}")));
    }
    let documented: BTreeSet<_> = documented().into_keys().map(str::to_owned).collect();
    assert_eq!(commands, documented);
}

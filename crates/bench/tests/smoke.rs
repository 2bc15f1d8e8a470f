//! Everything once, as small as it can be: on SQLite, without other servers.

use std::time::Duration;

use portal_bench::backend::{Given, Kind, Servers};
use portal_bench::cases::{self, Session, Standard};
use portal_bench::client::{Call, Connection};
use portal_bench::load::{self, Amount, Lanes};
use portal_bench::pairs;
use portal_bench::record::sqlite::WatchedPortal;
use portal_bench::script::{Command, Literal, RequestScript, Script};
use portal_bench::seed::{self, Sizes};
use serde_json::Value;

/// Less than small.
fn tiny() -> Sizes {
    Sizes {
        tickets: 250,
        conversation: 12,
        managed_tickets: 30,
        ..Sizes::small()
    }
}

/// The texts among the parameters of all statements.
fn texts(request: &RequestScript) -> Vec<&str> {
    let commands = request.steps.iter().flat_map(|step| &step.commands);
    let parameters = commands.flat_map(|command| match command {
        Command::Sqlite(query) => &query.parameters[..],
        _ => &[],
    });
    parameters
        .filter_map(|literal| match literal {
            Literal::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// How many files a ticket shows with its comments.
fn files_of(shown: &Value) -> usize {
    let ticket = &shown["ticket"];
    let comments = ticket["comments"].as_array().into_iter().flatten();
    let files = std::iter::once(ticket).chain(comments);
    files
        .filter_map(|it| it["attachments"].as_array())
        .map(Vec::len)
        .sum()
}

/// One test, since the statements of all connections of a process are watched together.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_seeded_is_served_recorded_and_replayed() {
    let database = Servers::start(Kind::Sqlite, &Given::default())
        .database()
        .await
        .unwrap();
    let file = database.sqlite().unwrap();
    let sizes = tiny();
    let seeded = seed::seed(&database, &sizes).await.unwrap();
    let mut portal = WatchedPortal::start(&file).unwrap();

    // The portal shows what was seeded.
    let mut connection = Connection::open(portal.port).await.unwrap();
    let ordinary = Session::open(portal.port, &seeded.ordinary).await.unwrap();
    let mut total = async |session: &Session, path: &str| {
        let answer = connection
            .expect(&session.api(path).unwrap())
            .await
            .unwrap();
        answer.json().unwrap()["pagination"]["total"].as_u64()
    };
    assert_eq!(total(&ordinary, "/tickets").await, Some(60));
    assert_eq!(total(&ordinary, "/devices").await, Some(60));
    let found = total(&ordinary, "/tickets?q=drucker+workspace").await;
    assert_eq!(found, Some(0));
    let found = total(&ordinary, "/tickets?q=DRUCKER").await.unwrap();
    assert!(found > 0, "{found}");
    assert!(total(&ordinary, "/tickets?scope=shared").await.unwrap() > 0);
    let manager = Session::open(portal.port, &seeded.manager).await.unwrap();
    let found = total(&manager, "/tickets?scope=organization").await;
    assert_eq!(found, Some(60 + 30));
    // The number of a copy is its own in the search too.
    let ticket = seeded.ordinary.ticket.unwrap();
    let ticket = ordinary.api(&format!("/tickets/{ticket}")).unwrap();
    let shown = connection.expect(&ticket).await.unwrap().json().unwrap();
    let number = shown["ticket"]["ticketNumber"].as_str().unwrap();
    let search = ordinary.api(&format!("/tickets?q={number}")).unwrap();
    let found = connection.expect(&search).await.unwrap().json().unwrap();
    assert_eq!(found["pagination"]["total"], 1, "{found}");
    let talker = Session::open(portal.port, &seeded.talker).await.unwrap();
    let ticket = seeded.talker.ticket.unwrap();
    let ticket = talker.api(&format!("/tickets/{ticket}")).unwrap();
    let shown = connection.expect(&ticket).await.unwrap().json().unwrap();
    let comments = shown["ticket"]["comments"].as_array().unwrap();
    assert_eq!(comments.len(), sizes.conversation);

    // Each line that reads or writes has statements, and finds rows.
    let mut script = Script {
        sqlite: Some(file.display().to_string()),
        connections: 2,
        ..Script::default()
    };
    let cases = cases::all(portal.port, &seeded, 2).await.unwrap();
    for case in &cases {
        let calls: &[Call] = match case.standard {
            Standard::Login => &[],
            _ => case.first_lane(),
        };
        let mut recorded = portal.record(calls).await.unwrap();
        recorded.lanes.clone_from(&case.values);
        for request in &recorded.requests {
            let is_empty = request.steps.is_empty();
            assert_eq!(is_empty, case.name == "healthz", "{}", case.name);
        }
        script.cases.push(recorded);
    }
    let list = &script.cases[3].requests[0];
    assert_eq!(list.status, 200);
    assert!(texts(list).contains(&seeded.ordinary.id.to_string().as_str()));
    let finds_a_page = list.steps[0]
        .commands
        .iter()
        .any(|command| matches!(command, Command::Sqlite(query) if query.rows == 50));
    assert!(finds_a_page, "{list:?}");
    let submitted = cases.iter().position(|case| case.name == "POST /tickets");
    let submitted = &script.cases[submitted.unwrap()].requests[0];
    assert!(submitted.fresh.len() >= 3, "ticket, audit entry and mails");
    script.sqlite_setup.clone_from(&portal.setup);
    let has_wal = |sql: &String| sql.contains("journal_mode");
    assert!(
        script.sqlite_setup.iter().any(has_wal),
        "{:?}",
        script.sqlite_setup
    );

    // Each request of a pair is answered, with as many files as it should have.
    for pair in pairs::all(portal.port, &seeded).await.unwrap() {
        for (lanes, has_files) in pair.lanes.iter().zip([true, false]) {
            let answer = connection.expect(&lanes.all()[0][0]).await.unwrap();
            let shown = serde_json::from_slice(&answer.body).unwrap_or_default();
            let files = files_of(&shown);
            let expected = if pair.name.starts_with("ticket,") && has_files {
                1 + 4
            } else {
                0
            };
            assert_eq!(files, expected, "{}", pair.name);
        }
    }
    portal.stop().await;

    // The limit does the same over and over, and finds the same numbers of rows.
    let port = portal_bench::server::free_port().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime
            .block_on(portal_bench::bare::serve(script, port))
            .unwrap();
    });
    while Connection::open(port).await.is_err() {
        tokio::task::yield_now().await;
    }
    let amount = Amount {
        connections: 2,
        time: Duration::from_secs(20),
        iterations: 6,
        rate: None,
    };
    for (number, case) in cases.iter().enumerate() {
        if case.standard != Standard::Login {
            let measured = load::run(&[port], &case.for_bare(number), amount)
                .await
                .unwrap();
            assert_eq!(measured.failures, Vec::<String>::new(), "{}", case.name);
            assert_eq!(measured.iterations, 6, "{}", case.name);
            assert_eq!(measured.completed, 6, "{}", case.name);
        }
    }
    // What is not as it was expected is reported.
    let unknown = Lanes::same(vec![Call::get("/99/0/0")]);
    let measured = load::run(&[port], &unknown, amount).await.unwrap();
    assert!(!measured.failures.is_empty());
}

//! Files: attached, swept and checked.

use chrono::TimeDelta;
use portal_domain::files::{
    self, Attachment, AttachmentIds, FileCheck, FileKey, FileLimits, UploadError, check,
    remove_orphans, repair, sweep,
};
use portal_domain::ids::FileId;
use portal_domain::tickets::{
    self, CommentError, NEWEST_COMMENTS, NewTicket, Reply, SubmitError, Ticket, TicketError,
};
use portal_test_support::{Person, TestWorld, fixtures};

fn reply(text: &str, files: &[FileId]) -> Reply {
    Reply {
        content: text.parse().unwrap(),
        attachments: AttachmentIds::of(files.iter().copied()).unwrap(),
    }
}

async fn submit(
    world: &TestWorld,
    person: &Person,
    files: &[FileId],
) -> Result<Ticket, SubmitError> {
    let new = NewTicket {
        attachments: AttachmentIds::of(files.iter().copied()).unwrap(),
        ..fixtures::new_ticket("Printer")
    };
    world
        .act(person, async |op| tickets::submit(op, new).await)
        .await
}

#[tokio::test]
async fn files_are_attached_in_the_order_in_which_they_are_named() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let (a, b) = (
        world.uploaded(ada, "a.txt", "a").await,
        world.uploaded(ada, "b.txt", "b").await,
    );
    let ticket = submit(&world, ada, &[b.id, a.id]).await.unwrap();
    let reader = world.reader(ada.scope()).await;
    let shown = tickets::show(&*reader, ada.id, ticket.id, NEWEST_COMMENTS).await;
    let shown = shown.unwrap().unwrap();
    let names: Vec<_> = files::of_comment(&shown.attachments, None)
        .map(|file| file.file_name.as_str())
        .collect();
    assert_eq!(names, ["b.txt", "a.txt"]);
}

#[tokio::test]
async fn a_file_is_attached_once_and_by_whom_uploaded_it() {
    let world = TestWorld::create().await;
    let (ada, bob) = (&world.acme.ada, &world.acme.bob);
    let mine = world.uploaded(ada, "a.txt", "a").await;
    let of_team = world.uploaded_by_team(&world.acme, "t.txt", "t").await;
    let foreign = world.uploaded(&world.globex.ada, "f.txt", "f").await;
    for file in [of_team.id, foreign.id] {
        let refused = submit(&world, ada, &[mine.id, file]).await.unwrap_err();
        assert!(matches!(refused, SubmitError::UnknownAttachment));
    }
    let refused = submit(&world, bob, &[mine.id]).await.unwrap_err();
    assert!(matches!(refused, SubmitError::UnknownAttachment));

    // None of the refused tickets has taken it.
    let ticket = submit(&world, ada, &[mine.id]).await.unwrap();
    let again = world.act(ada, async |op| {
        let id = portal_domain::ids::CommentId::generate(op);
        tickets::add_customer_reply_with_id(op, ticket.id, id, reply("Again", &[mine.id])).await
    });
    assert!(matches!(
        again.await.unwrap_err(),
        CommentError::UnknownAttachment
    ));
    let by_team = world.assist(&world.acme, async |op| {
        tickets::add_team_reply(op, ticket.id, reply("Ours", &[mine.id])).await
    });
    assert!(matches!(
        by_team.await.unwrap_err(),
        TicketError::UnknownAttachment
    ));
    let by_team = world.assist(&world.acme, async |op| {
        tickets::add_team_reply(op, ticket.id, reply("Ours", &[of_team.id])).await
    });
    by_team.await.unwrap();
}

#[tokio::test]
async fn an_upload_that_nobody_attaches_is_gone_after_a_day() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let attached = world.uploaded(ada, "a.txt", "a").await;
    let waiting = world.uploaded(ada, "b.txt", "b").await;
    submit(&world, ada, &[attached.id]).await.unwrap();
    let sweep = || sweep(&*world.store, &*world.files, &*world.env);
    world.env.advance(TimeDelta::hours(24));
    assert_eq!(sweep().await.unwrap(), 0);
    world.env.advance(TimeDelta::seconds(1));
    assert_eq!(sweep().await.unwrap(), 1);
    assert_eq!(world.files.keys(), [attached.key()]);
    let refused = submit(&world, ada, &[waiting.id]).await.unwrap_err();
    assert!(matches!(refused, SubmitError::UnknownAttachment));
    assert_eq!(sweep().await.unwrap(), 0);
}

#[tokio::test]
async fn withdrawn_comments_and_deleted_tickets_take_their_files_along() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let ticket = submit(&world, ada, &[]).await.unwrap();
    let file = world.uploaded(ada, "a.txt", "a").await;
    let comment = world
        .act(ada, async |op| {
            let id = portal_domain::ids::CommentId::generate(op);
            let reply = reply("See", &[file.id]);
            tickets::add_customer_reply_with_id(op, ticket.id, id, reply).await
        })
        .await
        .unwrap();
    let withdrawn = world.act(ada, async |op| {
        tickets::withdraw_comment(op, ticket.id, comment.id).await
    });
    withdrawn.await.unwrap();
    let other = world.uploaded(ada, "b.txt", "b").await;
    let deleted = submit(&world, ada, &[other.id]).await.unwrap();
    world
        .operate(&world.acme, async |op| {
            tickets::delete(op, deleted.id).await
        })
        .await;

    // The bytes stay until the store can be reached.
    world.files.set_down(true);
    assert!(
        sweep(&*world.store, &*world.files, &*world.env)
            .await
            .is_err()
    );
    world.files.set_down(false);
    assert_eq!(world.files.keys().len(), 2);
    let swept = sweep(&*world.store, &*world.files, &*world.env).await;
    assert_eq!(swept.unwrap(), 2);
    assert_eq!(world.files.keys(), []);
    let rows = world.reader(ada.scope()).await.all_files().await.unwrap();
    assert_eq!(rows, []);
}

#[tokio::test]
async fn a_file_that_does_not_go_keeps_no_other_from_going() {
    let world = TestWorld::create().await;
    let mut stuck = Vec::new();
    for person in [&world.acme.ada, &world.globex.ada] {
        let files = [
            world.uploaded(person, "a.txt", "a").await,
            world.uploaded(person, "b.txt", "b").await,
            world.uploaded(person, "c.txt", "c").await,
        ];
        world.files.stick(files[1].key());
        stuck.push(files[1].key());
    }
    world.env.advance(TimeDelta::hours(25));
    let swept = sweep(&*world.store, &*world.files, &*world.env).await;
    assert!(swept.is_err());
    stuck.sort_unstable();
    assert_eq!(world.files.keys(), stuck);
    for person in [&world.acme.ada, &world.globex.ada] {
        let rows = world.reader(person.scope()).await.all_files().await;
        let rows: Vec<_> = rows.unwrap().iter().map(Attachment::key).collect();
        assert!(rows.len() == 1 && stuck.contains(&rows[0]), "{rows:?}");
    }
}

#[tokio::test]
async fn a_check_finds_what_either_side_lacks_and_mends_it() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let (kept, lost) = (
        world.uploaded(ada, "a.txt", "a").await,
        world.uploaded(ada, "b.txt", "b").await,
    );
    submit(&world, ada, &[kept.id, lost.id]).await.unwrap();
    // Bytes without a row: of an upload that stopped before it had one.
    world.files.stored(world.acme.id, "c.txt", "c").await;
    let orphan = world
        .files
        .keys()
        .into_iter()
        .find(|key| ![kept.key(), lost.key()].contains(key));
    let orphan = orphan.unwrap();
    world.files.lose(lost.key());

    let check = || check(&*world.store, &*world.files, &*world.env, world.acme.id);
    let young = check().await.unwrap();
    assert_eq!(
        (young.files, young.lost, young.orphans),
        (2, vec![], vec![])
    );
    world.env.advance(TimeDelta::hours(2));
    let found = check().await.unwrap();
    let expected = FileCheck {
        files: 2,
        lost: vec![lost.id],
        orphans: vec![orphan.file],
    };
    assert_eq!(found, expected);

    let (store, files, env) = (&*world.store, &*world.files, &*world.env);
    repair(store, files, env, world.acme.id, &found)
        .await
        .unwrap();
    let mended = check().await.unwrap();
    assert_eq!((mended.lost, mended.orphans), (vec![], vec![]));
    assert_eq!(world.files.keys(), [kept.key()]);
}

#[tokio::test]
async fn bytes_without_a_row_go_after_a_day() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let kept = world.uploaded(ada, "a.txt", "a").await;
    submit(&world, ada, &[kept.id]).await.unwrap();
    let orphan = |organization| {
        let file = FileId::generate(&*world.env);
        let key = FileKey { organization, file };
        world.files.put(key, b"left by a crash");
        key
    };
    let (_, stuck) = (orphan(world.acme.id), orphan(world.acme.id));
    let foreign = orphan(world.globex.id);
    let remove = || remove_orphans(&*world.store, &*world.files, &*world.env, world.acme.id);
    world.env.advance(TimeDelta::hours(24));
    assert_eq!(remove().await.unwrap(), 0);
    world.env.advance(TimeDelta::seconds(1));
    world.files.stick(stuck);
    assert!(remove().await.is_err());
    let mut left = [kept.key(), stuck, foreign];
    left.sort_unstable();
    assert_eq!(world.files.keys(), left);
}

#[tokio::test]
async fn bytes_of_another_size_are_lost() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let file = world.uploaded(ada, "a.txt", "a").await;
    submit(&world, ada, &[file.id]).await.unwrap();
    let key: FileKey = file.key().to_string().parse().unwrap();
    world.files.put(key, b"half of it");
    world.env.advance(TimeDelta::hours(2));
    let found = check(&*world.store, &*world.files, &*world.env, world.acme.id).await;
    assert_eq!(found.unwrap().lost, [file.id]);
}

#[tokio::test]
async fn the_quota_counts_what_is_kept() {
    let world = TestWorld::create().await;
    let ada = &world.acme.ada;
    let limits = FileLimits {
        quota_bytes: 3,
        ..FileLimits::DEFAULT
    };
    world.uploaded(ada, "a.txt", "ab").await;
    world.uploaded(&world.globex.ada, "g.txt", "abcdef").await;
    let add = async |content| {
        let stored = world.files.stored(world.acme.id, "b.txt", content).await;
        world
            .act(ada, async |op| files::add_upload(op, &limits, stored).await)
            .await
    };
    assert!(matches!(add("xy").await, Err(UploadError::QuotaExceeded)));
    add("x").await.unwrap();
    world.env.advance(TimeDelta::hours(25));
    sweep(&*world.store, &*world.files, &*world.env)
        .await
        .unwrap();
    add("xyz").await.unwrap();
}

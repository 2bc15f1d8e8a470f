//! What every store has to hold: the same cases on each database.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a case that cannot go on has failed"
)]

mod assets;
mod audit;
mod backends;
mod branding;
mod devices;
mod fixtures;
mod organizations;
mod outbox;
mod profiles;
mod tenancy;
mod tickets;
mod transactions;
mod values;

/// Runs every case on every database, each in a new one of its own.
macro_rules! contract {
    (@on $backend:ident { $($feature:ident { $($case:ident),+ $(,)? })+ }) => {
        mod $backend { $(
            mod $feature { $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let portal = crate::backends::$backend().await;
                    crate::$feature::$case(&portal).await;
                }
            )+ }
        )+ }
    };
    ($($features:tt)+) => {
        contract!(@on on_sqlite { $($features)+ });
        contract!(@on on_postgres { $($features)+ });
    };
}

contract! {
    transactions {
        dropped_work_has_never_happened,
        rolled_back_work_has_never_happened,
        work_that_is_cancelled_in_a_query_has_never_happened,
        a_reader_sees_one_moment,
        dropped_readers_give_their_connection_back,
        reads_may_be_joined,
        writers_take_turns,
        a_commit_says_whether_it_happened,
    }
    tenancy {
        another_organization_sees_nothing,
        another_organization_changes_nothing,
        rows_refer_to_their_own_organization_only,
    }
    values {
        instants_keep_their_microseconds,
        entities_come_back_as_they_were,
        every_state_can_be_stored,
    }
    organizations {
        a_slug_is_taken_once,
        organizations_come_by_name,
    }
    profiles {
        an_address_is_taken_once_in_an_organization,
        an_account_has_its_organization_and_features,
        candidates_are_the_accounts_of_an_address,
        a_token_is_used_once,
        an_expired_or_voided_token_is_useless,
        a_hash_is_upgraded_only_if_it_is_the_one_verified,
        what_ends_sessions_raises_their_version,
        a_row_that_is_not_there_is_missed,
    }
    branding {
        a_domain_is_verified_for_one_organization,
        a_branding_is_found_by_its_verified_domain,
    }
    devices {
        a_hostname_is_taken_once_in_any_case,
        devices_come_last_seen_first,
        devices_are_found_by_their_names,
        an_inventory_brings_devices_up_to_date,
    }
    tickets {
        a_number_is_taken_once,
        a_ticket_is_submitted_once_under_an_id,
        what_was_withdrawn_is_not_said_again_under_its_id,
        tickets_come_in_the_order_asked_for,
        tickets_are_filtered,
        words_are_found_in_any_case_and_to_the_letter,
        deleted_tickets_and_comments_are_never_read,
        comments_are_for_their_audience,
    }
    assets {
        of_two_who_ask_at_once_one_has_the_device,
        available_devices_can_be_lent_and_are_not_out,
        loans_come_with_those_out_first,
        overdue_loans_are_those_still_out,
        a_loan_ends_once,
        a_reminder_is_noted_once_for_each_date,
        what_is_back_is_not_reminded_of,
    }
    audit {
        entries_come_newest_first,
    }
    outbox {
        the_backlog_is_what_is_neither_sent_nor_given_up,
        a_claimed_mail_is_hidden_and_counted,
        a_mail_that_is_sent_is_not_claimed_again,
        a_failed_mail_waits_and_a_dead_one_is_retried,
        a_mail_that_cannot_be_read_stands_in_nobodys_way,
    }
}

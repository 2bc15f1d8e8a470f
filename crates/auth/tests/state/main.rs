//! What every state backend has to hold: the same cases on each of them. And what is Redis' own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a case that cannot go on has failed"
)]

mod backends;
mod counts;
mod rate_limits;
mod redis;
mod sessions;

/// Runs every case on every backend, each under a prefix of its own.
macro_rules! contract {
    (@on $backend:ident { $($feature:ident { $($case:ident),+ $(,)? })+ }) => {
        mod $backend { $(
            mod $feature { $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let backend = crate::backends::$backend();
                    crate::$feature::$case(&backend).await;
                }
            )+ }
        )+ }
    };
    ($($features:tt)+) => {
        contract!(@on in_memory { $($features)+ });
        contract!(@on in_redis { $($features)+ });
        contract!(@on in_a_cluster { $($features)+ });
    };
}

contract! {
    sessions {
        a_session_is_found_by_its_token_and_by_its_id,
        every_load_slides_the_end,
        an_update_slides_the_end,
        an_update_replaces_the_record_of_a_live_session_only,
        ending_a_session_ends_that_one,
        ending_all_of_a_user_spares_other_users,
        ending_all_of_a_user_finds_what_has_slid_for_days,
        ending_the_others_of_a_user_keeps_the_named_one,
    }
    counts {
        the_window_slides,
        refused_attempts_neither_count_nor_extend_the_block,
        a_block_shorter_than_the_window_still_ends_with_a_fresh_count,
        an_attempt_given_back_can_be_made_again,
        clearing_forgets_attempts_and_block,
        enough_different_accounts_block_and_no_clearing_helps,
        failures_leave_the_window_one_by_one,
        an_account_counts_from_its_last_failure,
        failures_during_the_block_neither_count_nor_extend_it,
        of_two_blocks_the_longer_counts,
    }
    rate_limits {
        one_address_is_blocked_whatever_the_accounts,
        one_account_is_blocked_whatever_the_addresses,
        an_attempt_refused_for_the_account_does_not_count_for_the_address,
        an_attempt_refused_for_the_address_does_not_count_for_the_account,
        a_success_clears_the_address_and_the_account,
        an_attempt_given_back_does_not_count,
        each_limit_has_counts_of_its_own,
        thirty_failed_accounts_block_their_address_whatever_succeeds_between,
        failing_often_on_few_accounts_is_not_spraying,
        of_a_hundred_attempts_at_once_exactly_the_limits_number_is_allowed,
    }
}

//! How many mails are delivered at the same time, and for whom.

use std::collections::HashMap;
use std::time::Duration;

use portal_domain::ids::{OrganizationId, OutboxMailId};
use portal_domain::notifications::MailPriority;
use tokio::time::Instant;

/// A delivery that takes longer is slow, and no longer counts among those that are limited to the
/// configured number.
const PROMPT: Duration = Duration::from_secs(5);

/// How many times the configured number there may be with the slow ones.
const WITH_SLOW: usize = 4;

/// Places that only mails which somebody waits for may take, so that these find one whatever else is
/// slow.
const RESERVED: usize = 2;

/// A delivery that is going on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delivery {
    pub(super) mail: OutboxMailId,
    pub(super) organization: OrganizationId,
    pub(super) started: Instant,
}

/// The mails that may be claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) mails: usize,
    /// The last priority that may be claimed.
    pub(super) priority: MailPriority,
    /// Organizations that have as many deliveries as one may have.
    pub(super) full: Vec<OrganizationId>,
}

/// What room is left beside these deliveries, if `limit` prompt ones may go on at the same time.
///
/// An organization may have half of what there may be at most, so that its slow mails leave room for
/// those of others.
pub(super) fn left<'a>(
    deliveries: impl Iterator<Item = &'a Delivery>,
    limit: usize,
    now: Instant,
) -> Option<Room> {
    let (mut all, mut prompt) = (0, 0);
    let mut by_organization: HashMap<_, usize> = HashMap::new();
    for delivery in deliveries {
        all += 1;
        prompt += usize::from(now.duration_since(delivery.started) < PROMPT);
        *by_organization.entry(delivery.organization).or_default() += 1;
    }
    let most = limit * WITH_SLOW;
    let room = |reserve: usize| {
        let left = (limit + reserve).saturating_sub(prompt);
        left.min((most + reserve).saturating_sub(all))
    };
    let (mails, priority) = match room(0) {
        0 => (room(RESERVED), MailPriority::Awaited),
        mails => (mails, MailPriority::Notification),
    };
    let is_full = |(organization, count)| (count >= most / 2).then_some(organization);
    let full = by_organization.into_iter().filter_map(is_full).collect();
    (mails > 0).then_some(Room {
        mails,
        priority,
        full,
    })
}

#[cfg(test)]
mod tests {
    use portal_domain::environment::SystemEnvironment;

    use super::*;

    const ENV: SystemEnvironment = SystemEnvironment;

    fn deliveries(number: usize, organization: OrganizationId, started: Instant) -> Vec<Delivery> {
        let delivery = || Delivery {
            mail: OutboxMailId::generate(&ENV),
            organization,
            started,
        };
        std::iter::repeat_with(delivery).take(number).collect()
    }

    /// Room for mails of a priority, with an organization that is full.
    fn room(mails: usize, priority: MailPriority, full: &[OrganizationId]) -> Room {
        Room {
            mails,
            priority,
            full: full.to_vec(),
        }
    }

    #[test]
    fn prompt_deliveries_are_limited_and_the_last_places_are_for_what_is_awaited() {
        let (now, acme) = (Instant::now(), OrganizationId::generate(&ENV));
        for (going_on, expected) in [
            (0, Some(room(8, MailPriority::Notification, &[]))),
            (5, Some(room(3, MailPriority::Notification, &[]))),
            (8, Some(room(2, MailPriority::Awaited, &[]))),
            (9, Some(room(1, MailPriority::Awaited, &[]))),
            (10, None),
        ] {
            let deliveries = deliveries(going_on, acme, now);
            assert_eq!(left(deliveries.iter(), 8, now), expected, "{going_on}");
        }
    }

    #[test]
    fn slow_deliveries_make_room_up_to_a_limit_of_their_own() {
        let (started, acme) = (Instant::now(), OrganizationId::generate(&ENV));
        let now = started + PROMPT;
        for (going_on, expected) in [
            (8, Some(room(8, MailPriority::Notification, &[]))),
            (16, Some(room(8, MailPriority::Notification, &[acme]))),
            (30, Some(room(2, MailPriority::Notification, &[acme]))),
            (32, Some(room(2, MailPriority::Awaited, &[acme]))),
            (34, None),
        ] {
            let deliveries = deliveries(going_on, acme, started);
            assert_eq!(left(deliveries.iter(), 8, now), expected, "{going_on}");
        }
    }
}

//! Flash messages.
//!
//! A redirect sets one in a cookie, and the page that shows it removes the cookie. The cookie has
//! the code of a fixed message, so a forged one cannot show anything else.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse};

const FLASH_COOKIE: &str = "breeze_portal_notice";

const LIFETIME: Duration = Duration::minutes(2);

macro_rules! flashes {
    ($($(#[$meta:meta])* $name:ident = $code:literal says $key:literal),+ $(,)?) => {
        /// A message about what has just happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Flash { $($(#[$meta])* $name),+ }

        impl Flash {
            const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            fn of_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)+
                    _ => None,
                }
            }

            /// The key of its text.
            pub(crate) const fn key(self) -> &'static str {
                match self { $(Self::$name => $key),+ }
            }
        }
    };
}

flashes! {
    /// The user signed out.
    SignedOut = "signed-out" says "notice-signed-out",
    /// The session is over; sign in again.
    SessionEnded = "session-ended" says "notice-session-ended",
    /// Choosing an organization took too long.
    ChoiceExpired = "choice-expired" says "notice-choice-expired",
    /// If the address has an account, a link is on its way.
    ResetLinkSent = "reset-link-sent" says "notice-reset-link-sent",
    /// A new password was set by a link.
    PasswordReset = "password-reset" says "notice-password-reset",
    /// A new password was set in the profile.
    PasswordChanged = "password-changed" says "notice-password-changed",
    /// The account was set up by an invitation.
    Welcome = "welcome" says "notice-welcome",
    /// The profile was saved.
    ProfileSaved = "profile-saved" says "notice-profile-saved",
    /// Another session of the user was ended.
    SessionClosed = "session-closed" says "notice-session-closed",
    /// A device was borrowed.
    CheckedOut = "checked-out" says "notice-checked-out",
    /// A device was returned.
    CheckedIn = "checked-in" says "notice-checked-in",
    /// A device may be kept until another day.
    ReturnMoved = "return-moved" says "notice-return-moved",
    /// A ticket was submitted.
    TicketSubmitted = "ticket-submitted" says "notice-ticket-submitted",
    /// A ticket was confirmed as solved.
    TicketClosed = "ticket-closed" says "notice-ticket-closed",
    /// A colleague takes part in a ticket from now on.
    ParticipantAdded = "participant-added" says "notice-participant-added",
    /// A colleague no longer takes part in a ticket.
    ParticipantRemoved = "participant-removed" says "notice-participant-removed",
    /// The user no longer takes part in a ticket.
    TicketLeft = "ticket-left" says "notice-ticket-left",
    /// A reply on a ticket was sent.
    ReplySent = "reply-sent" says "notice-reply-sent",
    /// A reply on a ticket was changed.
    ReplyChanged = "reply-changed" says "notice-reply-changed",
    /// A reply on a ticket was withdrawn.
    ReplyWithdrawn = "reply-withdrawn" says "notice-reply-withdrawn",
}

impl Flash {
    /// The message of a request's cookie.
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        Self::of_code(request.cookie(FLASH_COOKIE)?.value())
    }

    /// Has the page that a redirect leads to show the message.
    pub(crate) fn set_on(self, response: &mut HttpResponse) {
        set_cookie(response, &cookie(self.code(), LIFETIME));
    }

    /// The cookie that removes the message.
    pub(crate) fn removal_cookie() -> Cookie<'static> {
        cookie("", Duration::ZERO)
    }

    /// Whether it reports a success rather than information.
    pub(crate) const fn is_success(self) -> bool {
        !matches!(
            self,
            Self::SessionEnded | Self::ChoiceExpired | Self::ResetLinkSent
        )
    }
}

/// Sets a cookie. The portal's own are valid header values, so that this cannot fail.
pub(crate) fn set_cookie(response: &mut HttpResponse, cookie: &Cookie<'_>) {
    if let Err(error) = response.add_cookie(cookie) {
        let error: &dyn std::error::Error = &error;
        tracing::error!(error, "cookie not set");
    }
}

fn cookie(value: &'static str, age: Duration) -> Cookie<'static> {
    Cookie::build(FLASH_COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(age)
        .finish()
}

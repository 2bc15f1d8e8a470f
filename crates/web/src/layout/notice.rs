//! Flash messages.
//!
//! A redirect carries it in a cookie, which the page that says it removes. The cookie names one of
//! these and nothing else, so that whoever plants one makes the portal say what it could say anyway.

use std::str::FromStr;

/// The cookie that carries a notice.
pub(crate) const NOTICE_COOKIE: &str = "breeze_portal_notice";

macro_rules! notices {
    ($($(#[$meta:meta])* $name:ident = $code:literal says $key:literal),+ $(,)?) => {
        /// Something that has just happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Notice { $($(#[$meta])* $name),+ }

        impl Notice {
            /// Its form in the cookie.
            pub(crate) const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The key of what is said.
            pub(crate) const fn key(self) -> &'static str {
                match self { $(Self::$name => $key),+ }
            }
        }

        impl FromStr for Notice {
            type Err = UnknownNotice;

            fn from_str(code: &str) -> Result<Self, UnknownNotice> {
                match code {
                    $($code => Ok(Self::$name),)+
                    _ => Err(UnknownNotice),
                }
            }
        }
    };
}

/// The cookie names no notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnknownNotice;

notices! {
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
    /// A reply on a ticket was sent.
    ReplySent = "reply-sent" says "notice-reply-sent",
    /// A reply on a ticket was changed.
    ReplyChanged = "reply-changed" says "notice-reply-changed",
    /// A reply on a ticket was withdrawn.
    ReplyWithdrawn = "reply-withdrawn" says "notice-reply-withdrawn",
}

impl Notice {
    /// Whether it tells of a success, rather than of something to know.
    pub(crate) const fn is_success(self) -> bool {
        !matches!(
            self,
            Self::SessionEnded | Self::ChoiceExpired | Self::ResetLinkSent
        )
    }
}

### What several pages say.

language-name = English
portal-name = Customer portal
skip-to-content = Skip to content

nav-label = Main
nav-home = Home
nav-tickets = Tickets
nav-devices = Devices
nav-assets = Equipment
nav-profile = Profile
account-menu = Account
sign-out = Sign out

pager-label = Pages
pager-previous = Previous
pager-next = Next
pager-position = Page { $page } of { $pages }

overdue = Overdue

notice-signed-out = You have signed out.
notice-session-ended = Your session has ended. Please sign in again.
notice-choice-expired = That took a little long. Please sign in again.
notice-reset-link-sent = If this address has an account, we have sent it a link to set a new password. Please look into your inbox.
notice-password-reset = Your new password is set. You can sign in with it now.
notice-password-changed = Your password is changed. Please sign in with the new one.
notice-welcome = Welcome! Your account is ready.
notice-profile-saved = Your profile is saved.
notice-session-closed = You are signed out there now.

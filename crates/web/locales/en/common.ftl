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

ticket-status-new = New
ticket-status-open = Open
ticket-status-pending = Waiting for you
ticket-status-on_hold = On hold
ticket-status-resolved = Resolved
ticket-status-closed = Closed

ticket-priority-low = Low
ticket-priority-normal = Normal
ticket-priority-high = High
ticket-priority-urgent = Urgent

device-status-online = Online
device-status-offline = Offline
device-status-maintenance = Maintenance
device-status-decommissioned = Retired
device-status-quarantined = Quarantined
device-status-updating = Updating
device-status-pending = Setting up

overdue = Overdue

notice-signed-out = You have signed out.
notice-session-ended = Your session has ended. Please sign in again.
notice-reset-link-sent = If this address has an account, we have sent it a link to set a new password. Please look into your inbox.
notice-password-reset = Your new password is set. You can sign in with it now.
notice-password-changed = Your password is changed. Please sign in with the new one.
notice-welcome = Welcome! Your account is ready.
notice-profile-saved = Your profile is saved.

### The user's own data.

profile-title = Profile
profile-details = About you
profile-details-text = How we address you, and when we write to you.
profile-name-hint = As your IT team sees it on your tickets.
profile-locale-browser = As my browser says
profile-locale-hint = For these pages and our e-mails.
profile-notifications-hint = We always write when your password changes.
profile-notify = And of these, send me
profile-save = Save
profile-password = Password
profile-password-text = You will be signed out everywhere when you change it.
profile-password-save = Change password
profile-sessions = Where you are signed in
profile-sessions-text = If you do not recognize one of these, sign out there and change your password.
profile-session-current = This browser
profile-session-unknown = Unknown browser
profile-session-from = From { $address }
profile-session-signed-in = Signed in
profile-session-used = Last used
profile-session-end = Sign out

### Fields, and what can be wrong with them.

field-email = E-mail address
field-password = Password
field-current-password = Current password
field-new-password = New password
field-name = Name
field-locale = Language
field-notifications = Send me e-mails about tickets and loans
field-notify-own-tickets = Replies and status of my tickets
field-notify-shared-tickets = Replies and status of tickets in which I take part
field-notify-loans = Reminders of loans

form-optional = (optional)
form-outdated = This page was opened before somebody signed in or out in another tab. Please check what you typed and send it again.
unsent-text = Your session has ended. Sign in, and you can send what you typed: it is kept.
form-sent-before = This form was sent before with another text, which was taken. To send this one as well, send it again.
form-sent-and-removed = This was sent before and has been removed since.
form-errors = Please check these fields
password-show = Show
password-hide = Hide
password-rules = At least 8 characters, with an upper-case letter, a lower-case letter and a number.

error-required = Please fill this in.
error-too-long = Please use at most { $max } characters.
error-control-character = This contains characters that cannot be used here.
error-choice = Please choose one of the options.
error-email = Please enter an address like name@example.com.
error-password-short = Please use at least { $min } characters.
error-password-lowercase = Please include a lower-case letter.
error-password-uppercase = Please include an upper-case letter.
error-password-number = Please include a number.
error-password-common = This password is known to attackers. Please choose another.
error-current-password = This is not your current password.
error-credentials = Address and password do not match an account. Please try again.
error-reset-token = This link has been used or has expired. Please ask for a new one.
error-invitation = This invitation has been used or has expired. Please ask your IT team for a new one.
error-already-set-up = This account is already set up. You can sign in with your password.

### Signing in, and setting passwords.

welcome-text = Ask for help, keep an eye on your devices and borrow equipment, all in one place.
sign-in-title = Sign in
sign-in-text = to { $name }
sign-in-text-neutral = with your e-mail address and password
sign-in-button = Sign in
forgot-link = Forgot your password?
back-to-sign-in = Back to signing in

organization-title = Choose your organization
organization-text = Your address belongs to several. Where would you like to go?

forgot-title = Forgot your password?
forgot-text = Enter your e-mail address, and we will send you a link to set a new one.
forgot-button = Send the link

reset-title = Set a new password
reset-text = You will be signed out everywhere and can then sign in with it.
reset-button = Set the password
reset-again = Ask for a new link

invite-title = Set up your account
invite-text = Choose a password, and you are in.
invite-name-hint = You can change it at any time.
account-organization = Organization
invite-to-sign-in = Go to the sign-in page
invite-button = Set up and sign in
invite-sign-in = Already set up? Sign in

unsubscribe-title = Fewer e-mails
unsubscribe-own-tickets = You will get no more e-mails about replies to your tickets and their status.
unsubscribe-shared-tickets = You will get no more e-mails about tickets in which you take part.
unsubscribe-loans = You will get no more reminders of what you have borrowed.
unsubscribe-button = Switch them off
unsubscribe-done = You will get no more of these e-mails. You can switch them on again in your profile.
unsubscribe-profile = All e-mail settings
error-unsubscribe = This link is incomplete. You can switch e-mails off in your profile.

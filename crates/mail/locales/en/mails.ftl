### The words of the mails.

portal-name = Customer portal
greeting = Hello,
greeting-name = Hello { $name },
open-portal = Open the portal
view-ticket = View your ticket
support-email = Help
support-phone = Phone
# The subject of a mail about a ticket.
about-ticket = [{ $number }] { $subject }
reason-notification = You receive this mail because notifications are switched on in your profile. You can switch them off there.
reason-team = This mail goes to the support address of { $organization } in the customer portal.
# Who reads what is sent back. $address is the team's, or in answers-team the customer's.
answers = An answer to this mail goes to { $address }.
answers-nobody = Please do not answer this mail: nobody reads what is sent to its sender.
answers-ticket = An answer to this mail goes to { $address } and is not added to the ticket. To reply in the ticket, use the portal.
answers-ticket-nobody = Please reply in the portal. Nobody reads answers to this mail.
answers-team = An answer to this mail goes to the customer, { $address }, and is not added to the ticket.

invitation-subject = Set up your account at { $organization }
invitation-heading = Set up your account
invitation-text = { $organization } has prepared an account for you in its customer portal. Choose a password to begin.
invitation-button = Set up your account
invitation-lifetime = { $days ->
    [one] The link works once, within one day.
   *[other] The link works once, within { $days } days.
}
invitation-unexpected = If you did not expect this mail, you can ignore it.

reset-heading = Reset your password
reset-text = Somebody, probably you, has asked for a new password.
reset-several = You have an account with several organizations. Choose the one whose password you want to change.
reset-button = Choose a new password
reset-button-of = New password for { $organization }
reset-lifetime = { $links ->
    [one] The link works once, within { $minutes } minutes.
   *[other] Each link works once, within { $minutes } minutes.
}
reset-unexpected = If you did not ask for this, ignore this mail. Your password stays as it is.

changed-heading = Your password was changed
changed-text = Your password at { $organization } was changed on { $moment } ({ $zone }).
changed-unexpected = If that was you, there is nothing to do. If it was not, ask for a new password on the sign-in page now, and tell your IT team.

sign-in-heading = New sign-in to your account
sign-in-text = Somebody has signed in to your account at { $organization } from a browser that we have not seen there before.
sign-in-moment = { $moment } ({ $zone })
sign-in-unexpected = If that was you, there is nothing to do. If it was not, change your password in your profile now, which signs everybody out, and tell your IT team.

fact-when = When
fact-client = Browser
fact-address = Address
fact-ticket = Ticket
fact-from = From
fact-subject = Subject
fact-priority = Priority
fact-status = Status
fact-files = Files

received-heading = We have received your ticket
received-text = Thank you for telling us. We will look into it and answer you.

replied-subject = We have replied to your ticket
replied-subject-shared = We have replied to a ticket you take part in
replied-heading = There is a reply for you
replied-heading-shared = There is a reply
replied-text = { $author } has replied to “{ $subject }”:
replied-button = View and reply

status-subject = Status: { $status }
status-heading = Your ticket: { $status }
status-heading-shared = Ticket: { $status }
status-text = The status of “{ $subject }” is now “{ $status }”. { $meaning }
status-new = It waits to be looked at.
status-open = We are working on it.
status-pending = We need something from you to go on. Please have a look.
status-pending-shared = We need something to go on. Please have a look.
status-on_hold = We are waiting for somebody else. There is nothing that you need to do.
status-resolved = We think that this is solved. Please confirm it by closing the ticket, or reply if it is not.
status-resolved-shared = We think that this is solved. Please reply if it is not.
status-closed = If you need more help, please open a new ticket.

due-subject = Please return { $device } by { $day }
due-heading = Time to return a device
due-text = You have borrowed { $device }. It is expected back on { $day }.
due-longer = If you need it longer, move the return date in the portal.

overdue-subject = Overdue: { $device }
overdue-heading = A device is overdue
overdue-text = You have borrowed { $device }. It was expected back on { $day }.
overdue-return = Please return it, or move the return date in the portal.

new-ticket-subject = New ticket: { $subject }
new-ticket-heading = New ticket
customer-replied-subject = Customer reply: { $subject }
customer-replied-heading = The customer has replied
team-button = Open the ticket

view-shared-ticket = View the ticket
participant-heading = You take part in a ticket
participant-text = You have been added to a ticket of { $submitter }. You can follow it in the portal and reply there.
colleague-replied-heading = { $author } has replied
submitted-by-heading = { $manager } has submitted a ticket for you
submitted-by-text = We will look into it and answer you. It is your ticket: you can follow it in the portal and reply there.
submitted-for-heading = We have received the ticket for { $colleague }
submitted-for-text = It is the ticket of { $colleague } from now on, who gets our answers.

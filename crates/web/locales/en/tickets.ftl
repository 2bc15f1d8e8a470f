### Tickets, and what is said about them.

tickets-title = Tickets
tickets-new = New ticket
tickets-none = No tickets yet
tickets-none-text = When something does not work, or you need something, tell your IT team here. You will see every answer on this page.
tickets-none-shared = Nothing shared with you
tickets-none-shared-text = When a colleague adds you to a ticket, you will find it here.
tickets-none-organization-text = Nobody in your organization has submitted a ticket yet.
tickets-scope = Whose tickets
tickets-mine = My tickets
tickets-shared = Shared with me
tickets-organization = Whole organization
tickets-only-managers = Only managers see the tickets of the whole organization and submit them for others.
tickets-submitter = Submitted by
tickets-first = Open your first ticket
tickets-search = Search
tickets-search-button = Search
tickets-refine = Filter and order
tickets-apply = Apply
tickets-found = { $count ->
    [one] One ticket found
   *[other] { $count } tickets found
}
tickets-subject = Subject
tickets-number = Number
tickets-status = Status
tickets-priority = Priority
tickets-updated = Last change
tickets-any-status = Any status
tickets-not-closed = Not closed
tickets-any-priority = Any priority
tickets-sort = Order
tickets-sort-newest = Newest first
tickets-sort-oldest = Oldest first
tickets-sort-updated = Last change first
tickets-sort-priority = Most urgent first
tickets-not-found = No such tickets
tickets-not-found-text = Try fewer or other words, or another status or priority.
tickets-show-all = Show all tickets

field-subject = Subject
field-description = What has happened?
field-priority = Priority
field-content = Your reply
field-device = Device
field-on-behalf-of = Whose ticket is it?
field-colleague = E-mail address of a colleague

ticket-new-text = Tell your IT team what you need. They will answer here.
ticket-subject-hint = In a few words, such as “The printer on the second floor does not print”.
ticket-description-hint = What did you want to do, what happened instead, and since when?
ticket-priority-hint = “Urgent” is for when nobody can work.
ticket-device-hint = If it is about one of your organization’s devices.
ticket-device-none = None in particular
ticket-on-behalf-of-hint = The e-mail address of the colleague whose ticket it is to be. Leave it empty if it is yours.
ticket-no-colleague = No colleague with an account has this address.
ticket-no-device = Your organization has no such device.
ticket-submit = Submit ticket
ticket-cancel = Cancel
ticket-submitted = We have received your ticket. Its number is { $number }.

ticket-details = Details
ticket-created = Submitted
ticket-resolved = Resolved
ticket-closed = Closed
ticket-external = In your IT team’s system
ticket-conversation = Conversation
ticket-earlier-replies = Earlier replies
ticket-later-replies = Later replies
ticket-you = You
ticket-team = IT team
ticket-edited = Edited

ticket-participants = Who takes part
ticket-participants-none = You can add colleagues, who then see the ticket and may reply.
ticket-participant-add = Add
ticket-participant-remove = Remove
ticket-leave = Leave
ticket-colleague-hint = Your colleague is told by e-mail.
ticket-only-in-charge = Only whoever submitted the ticket, or a manager, may do this.

ticket-reply = Reply
ticket-reply-send = Send reply
ticket-reply-reopen = Reply and reopen
ticket-reply-edit = Edit
ticket-reply-withdraw = Withdraw
ticket-is-pending = Your IT team needs your answer
ticket-is-pending-text = They go on as soon as you have replied.
ticket-is-resolved = Is it solved?
ticket-is-resolved-text = Your IT team thinks so. Once you close the ticket, it takes no more replies.
ticket-close = Yes, close the ticket
ticket-is-not-resolved = Not solved yet?
ticket-is-not-resolved-text = Your reply reopens the ticket.
ticket-is-closed = This ticket is closed
ticket-is-closed-text = It takes no more replies. If the trouble is back, please open a new ticket and mention { $number }.
ticket-unsent = This was not sent

ticket-edit-title = Edit your reply
ticket-edit-text = You can change it until your IT team has answered.
ticket-edit-save = Save
ticket-present = The reply as it is now
ticket-withdraw-title = Withdraw this reply?
ticket-withdraw-text = It disappears from this page, which cannot be undone. Your IT team may have received it by e-mail already.
ticket-withdraw-yes = Withdraw
ticket-withdraw-no = Keep it

ticket-refused-closed = The ticket has been closed in the meantime.
ticket-refused-locked = Your IT team has answered in the meantime, so this reply can no longer be changed or withdrawn.
ticket-edited-since = This reply has been changed in the meantime, for example in another tab. If you save, your text replaces it.
ticket-refused-close = Your IT team is working on this ticket again, so it cannot be closed yet.

notice-ticket-submitted = We have received your ticket.
notice-participant-added = Your colleague takes part from now on.
notice-participant-removed = Your colleague no longer takes part.
notice-ticket-left = You no longer take part in the ticket.
notice-ticket-closed = The ticket is closed. Thank you for telling us.
notice-reply-sent = Your reply is sent.
notice-reply-changed = Your reply is changed.
notice-reply-withdrawn = Your reply is withdrawn.

field-files = Files
files-hint = Choose up to ten files of at most { $max } MB each, such as a screenshot. You can also drop or paste them here.
files-too-many = Please send at most ten files at a time.
files-too-large = This file is too large.
files-empty = A file is empty.
files-refused = This file cannot be accepted: it runs when it is opened, or is harmful.
files-no-room = There is no room for more files at present. Please ask your IT team, or try again later.
files-failed = This file did not arrive. Please try again.
files-unsent = The files were not taken, because you were not signed in. Please choose them again.
files-unavailable = Files cannot be taken at the moment. Please choose this one again later, or send your text without it.
files-unknown = One of the files is no longer there. Please choose it again.
file-size-kb = { $size } kB
file-size-mb = { $size } MB

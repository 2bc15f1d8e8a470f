### Borrowing and returning equipment.

equipment-title = Equipment
equipment-text = Borrow what you need, and bring it back when you are done.
equipment-available = Available now
equipment-none = Nothing is available now
equipment-none-text = Everything is on loan. Please look again later, or ask your IT team.
equipment-check-out = Check out
equipment-cancel = Cancel
equipment-back-label = Back

equipment-check-out-title = Check out { $device }
equipment-check-out-text = Everything here may be left blank.
equipment-check-out-confirm = Confirm check-out
equipment-return-hint = You may keep it until the end of that day.
equipment-condition-out-hint = What it looks like now, such as “like new”.
equipment-notes-out-hint = What you need it for, or what came with it.
equipment-taken = Somebody else has checked this out. Please choose another device under Equipment.

equipment-loans = My loans
equipment-out = On loan to you
equipment-out-none = Nothing on loan
equipment-out-none-text = What you borrow is shown here until you return it.
equipment-browse = See what is available
equipment-history = Returned
equipment-nothing-said = Not stated

equipment-loan = This loan
equipment-returned = Returned
equipment-taken-on = Taken on
equipment-due = Due
equipment-no-due = No return date
equipment-returned-on = Returned on
equipment-condition-out = Condition when taken
equipment-condition-in = Condition at return
equipment-notes-out = Notes when taken
equipment-notes-in = Notes at return

equipment-extend = Need it longer?
equipment-extend-save = Change the date
equipment-until = How long do you need it?
equipment-until-save = Set the date
equipment-returned-already = This has been returned already.

equipment-check-in = Check in
equipment-check-in-title = Check in { $device }
equipment-check-in-text = Tell us how it is, if there is anything to tell.
equipment-check-in-confirm = Confirm check-in
equipment-condition-in-hint = What it looks like now, such as “a scratch on the lid”.
equipment-notes-in-hint = Where you left it, or what should be looked at.

field-return-date = Return date
field-condition = Condition
field-notes = Notes

error-date = Please choose a date from the calendar.
error-date-past = This day is over. Please choose today or a later day.

notice-checked-out = Checked out. You can return it here when you are done.
notice-checked-in = Thank you, it is checked in.
notice-return-moved = The return date is changed.

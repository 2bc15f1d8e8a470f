### The first page.

home-title = Home
home-greeting = Hello, { $name }
home-text = Here is what is going on.
home-new-ticket = New ticket
home-tickets = Current tickets
home-all-tickets = All tickets
home-no-tickets = No current tickets
home-no-tickets-text = When something does not work, tell us about it here.
home-loans = On loan to you
home-all-loans = My loans
home-no-loans = Nothing on loan
home-no-loans-text = Notebooks, projectors and more can be borrowed.
home-due = Due
home-no-due = No return date
home-devices = Devices
home-all-devices = All devices
home-no-devices = No devices yet
home-no-devices-text = Your organization's devices will be shown here.
home-support = Need a hand?
home-support-text = Your IT team is happy to help.

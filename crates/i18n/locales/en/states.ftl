### What the domain's states are called.

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

client-api = API client
client-browser = Browser
client-on = { $program } on { $system }

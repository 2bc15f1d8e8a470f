### The organization's devices.

devices-title = Devices
devices-text = What your organization has, and how it is doing.
devices-search = Search by name
devices-search-button = Search
devices-found = { $count ->
    [one] One device found
   *[other] { $count } devices found
}
devices-none = No devices yet
devices-none-text = Your organization's devices will be shown here.
devices-not-found = Nothing found
devices-not-found-text = No device is called like that. Part of a name is enough.
devices-all = Show all devices

device-name = Name
device-status = Status
device-system = System
device-seen = Last seen
device-never-seen = Not yet
device-hostname = Hostname
device-facts = About this device
device-report = Report a problem
device-tickets = Tickets about it
device-no-tickets = No tickets
device-no-tickets-text = Tickets about this device that you may see are shown here.

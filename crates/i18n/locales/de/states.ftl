### Wie die Zustände heißen.

ticket-status-new = Neu
ticket-status-open = In Arbeit
ticket-status-pending = Wartet auf Sie
ticket-status-on_hold = Zurückgestellt
ticket-status-resolved = Gelöst
ticket-status-closed = Geschlossen

ticket-priority-low = Niedrig
ticket-priority-normal = Normal
ticket-priority-high = Hoch
ticket-priority-urgent = Dringend

device-status-online = Online
device-status-offline = Offline
device-status-maintenance = In Wartung
device-status-decommissioned = Ausgemustert
device-status-quarantined = In Quarantäne
device-status-updating = Wird aktualisiert
device-status-pending = Wird eingerichtet

client-api = API-Client
client-browser = Browser
client-on = { $program } unter { $system }

### Was mehrere Seiten sagen.

language-name = Deutsch
portal-name = Kundenportal
skip-to-content = Zum Inhalt springen

nav-label = Hauptnavigation
nav-home = Start
nav-tickets = Anfragen
nav-devices = Geräte
nav-assets = Ausleihe
nav-profile = Profil
account-menu = Konto
sign-out = Abmelden

pager-label = Seiten
pager-previous = Zurück
pager-next = Weiter
pager-position = Seite { $page } von { $pages }

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

overdue = Überfällig

notice-signed-out = Sie haben sich abgemeldet.
notice-session-ended = Ihre Sitzung ist beendet. Bitte melden Sie sich erneut an.
notice-reset-link-sent = Wenn es zu dieser Adresse ein Konto gibt, haben wir einen Link zum Festlegen eines neuen Passworts gesendet. Bitte sehen Sie in Ihr Postfach.
notice-password-reset = Ihr neues Passwort ist festgelegt. Sie können sich jetzt damit anmelden.
notice-password-changed = Ihr Passwort ist geändert. Bitte melden Sie sich mit dem neuen an.
notice-welcome = Willkommen! Ihr Konto ist eingerichtet.
notice-profile-saved = Ihr Profil ist gespeichert.

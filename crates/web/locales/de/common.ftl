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

overdue = Überfällig

notice-signed-out = Sie haben sich abgemeldet.
notice-session-ended = Ihre Sitzung ist beendet. Bitte melden Sie sich erneut an.
notice-choice-expired = Das hat etwas lange gedauert. Bitte melden Sie sich noch einmal an.
notice-reset-link-sent = Wenn es zu dieser Adresse ein Konto gibt, haben wir einen Link zum Festlegen eines neuen Passworts gesendet. Bitte sehen Sie in Ihr Postfach.
notice-password-reset = Ihr neues Passwort ist festgelegt. Sie können sich jetzt damit anmelden.
notice-password-changed = Ihr Passwort ist geändert. Bitte melden Sie sich mit dem neuen an.
notice-welcome = Willkommen! Ihr Konto ist eingerichtet.
notice-profile-saved = Ihr Profil ist gespeichert.
notice-session-closed = Dort sind Sie jetzt abgemeldet.

### Anmelden und Passwörter festlegen.

welcome-text = Hilfe anfordern, Geräte im Blick behalten und Ausrüstung ausleihen: alles an einem Ort.
sign-in-title = Anmelden
sign-in-text = bei { $name }
sign-in-text-neutral = mit Ihrer E-Mail-Adresse und Ihrem Passwort
sign-in-button = Anmelden
forgot-link = Passwort vergessen?
back-to-sign-in = Zurück zur Anmeldung

organization-title = Organisation wählen
organization-text = Ihre Adresse gehört zu mehreren. Wohin möchten Sie?

forgot-title = Passwort vergessen?
forgot-text = Geben Sie Ihre E-Mail-Adresse ein. Wir senden Ihnen einen Link, mit dem Sie ein neues festlegen.
forgot-button = Link senden

reset-title = Neues Passwort festlegen
reset-text = Sie werden überall abgemeldet und können sich dann damit anmelden.
reset-button = Passwort festlegen
reset-again = Neuen Link anfordern

invite-title = Konto einrichten
invite-text = Wählen Sie ein Passwort, und schon sind Sie dabei.
invite-name-hint = Sie können ihn jederzeit ändern.
account-organization = Organisation
invite-to-sign-in = Zur Anmeldung
invite-button = Einrichten und anmelden
invite-sign-in = Schon eingerichtet? Anmelden

unsubscribe-title = Weniger E-Mails
unsubscribe-own-tickets = Sie erhalten dann keine E-Mails mehr über Antworten auf Ihre Anfragen und deren Status.
unsubscribe-shared-tickets = Sie erhalten dann keine E-Mails mehr über Anfragen, an denen Sie beteiligt sind.
unsubscribe-loans = Sie werden dann nicht mehr an Geliehenes erinnert.
unsubscribe-button = Abbestellen
unsubscribe-done = Sie erhalten diese E-Mails nicht mehr. In Ihrem Profil können Sie sie wieder einschalten.
unsubscribe-profile = Alle Einstellungen zu E-Mails
error-unsubscribe = Dieser Link ist unvollständig. In Ihrem Profil können Sie E-Mails abbestellen.

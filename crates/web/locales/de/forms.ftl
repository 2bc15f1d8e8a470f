### Felder und was daran falsch sein kann.

field-email = E-Mail-Adresse
field-password = Passwort
field-current-password = Bisheriges Passwort
field-new-password = Neues Passwort
field-name = Name
field-locale = Sprache
field-notifications = E-Mails über Anfragen und Ausleihen senden
field-notify-own-tickets = Antworten und Status meiner Anfragen
field-notify-shared-tickets = Antworten und Status von Anfragen, an denen ich beteiligt bin
field-notify-loans = Erinnerungen an Ausleihen

form-optional = (freiwillig)
form-outdated = Diese Seite war schon offen, als sich in einem anderen Tab jemand an- oder abgemeldet hat. Bitte prüfen Sie Ihre Eingaben und senden Sie sie noch einmal.
unsent-text = Ihre Sitzung ist abgelaufen. Melden Sie sich an, dann können Sie Ihre Eingaben senden: Sie sind noch da.
form-sent-before = Dieses Formular wurde schon mit einem anderen Text gesendet, der angekommen ist. Um auch diesen zu senden, senden Sie es noch einmal.
form-sent-and-removed = Das wurde schon einmal gesendet und wurde inzwischen entfernt.
form-errors = Bitte prüfen Sie diese Felder
password-show = Anzeigen
password-hide = Verbergen
password-rules = Mindestens 8 Zeichen, darunter ein Großbuchstabe, ein Kleinbuchstabe und eine Ziffer.

error-required = Bitte füllen Sie dieses Feld aus.
error-too-long = Bitte verwenden Sie höchstens { $max } Zeichen.
error-control-character = Der Text enthält Zeichen, die hier nicht möglich sind.
error-choice = Bitte wählen Sie eine der Möglichkeiten.
error-email = Bitte geben Sie eine Adresse wie name@example.com ein.
error-password-short = Bitte verwenden Sie mindestens { $min } Zeichen.
error-password-lowercase = Bitte verwenden Sie auch einen Kleinbuchstaben.
error-password-uppercase = Bitte verwenden Sie auch einen Großbuchstaben.
error-password-number = Bitte verwenden Sie auch eine Ziffer.
error-password-common = Dieses Passwort ist Angreifern bekannt. Bitte wählen Sie ein anderes.
error-current-password = Das ist nicht Ihr bisheriges Passwort.
error-credentials = Zu dieser Adresse und diesem Passwort gibt es kein Konto. Bitte versuchen Sie es noch einmal.
error-reset-token = Dieser Link wurde schon benutzt oder ist abgelaufen. Bitte fordern Sie einen neuen an.
error-invitation = Diese Einladung wurde schon benutzt oder ist abgelaufen. Bitte wenden Sie sich für eine neue an Ihr IT-Team.
error-already-set-up = Dieses Konto ist bereits eingerichtet. Sie können sich mit Ihrem Passwort anmelden.

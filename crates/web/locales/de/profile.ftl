### Die Daten der Nutzerin oder des Nutzers.

profile-title = Profil
profile-details = Über Sie
profile-details-text = Wie wir Sie ansprechen und wann wir Ihnen schreiben.
profile-name-hint = So sieht ihn Ihr IT-Team in Ihren Anfragen.
profile-locale-browser = Wie im Browser eingestellt
profile-locale-hint = Für diese Seiten und unsere E-Mails.
profile-notifications-hint = Wenn sich Ihr Passwort ändert, schreiben wir Ihnen immer.
profile-notify = Davon möchte ich
profile-save = Speichern
profile-password = Passwort
profile-password-text = Wenn Sie es ändern, werden Sie überall abgemeldet.
profile-password-save = Passwort ändern
profile-sessions = Wo Sie angemeldet sind
profile-sessions-text = Wenn Sie etwas davon nicht kennen, melden Sie sich dort ab und ändern Sie Ihr Passwort.
profile-session-current = Dieser Browser
profile-session-unknown = Unbekannter Browser
profile-session-from = Von { $address }
profile-session-signed-in = Angemeldet
profile-session-used = Zuletzt benutzt
profile-session-end = Abmelden

### Die Worte der Mails.

portal-name = Kundenportal
greeting = Guten Tag,
greeting-name = Guten Tag { $name },
open-portal = Portal öffnen
view-ticket = Anfrage ansehen
support-email = Hilfe
support-phone = Telefon
# The subject of a mail about a ticket.
about-ticket = [{ $number }] { $subject }
reason-notification = Sie erhalten diese E-Mail, weil in Ihrem Profil Benachrichtigungen eingeschaltet sind. Dort können Sie sie ausschalten.
reason-team = Diese E-Mail geht an die Support-Adresse von { $organization } im Kundenportal.
# Wer liest, was zurückkommt. $address ist die des Teams, in answers-team die der Kundenseite.
answers = Eine Antwort auf diese E-Mail geht an { $address }.
answers-nobody = Bitte antworten Sie nicht auf diese E-Mail: Was an ihren Absender geht, liest niemand.
answers-ticket = Eine Antwort auf diese E-Mail geht an { $address } und kommt nicht in die Anfrage. Im Portal können Sie auf die Anfrage antworten.
answers-ticket-nobody = Bitte antworten Sie im Portal. Antworten auf diese E-Mail liest niemand.
answers-team = Eine Antwort auf diese E-Mail geht an die Kundenseite, { $address }, und kommt nicht in die Anfrage.

invitation-subject = Richten Sie Ihr Konto bei { $organization } ein
invitation-heading = Konto einrichten
invitation-text = { $organization } hat im Kundenportal ein Konto für Sie vorbereitet. Wählen Sie ein Passwort, und schon sind Sie dabei.
invitation-button = Konto einrichten
invitation-lifetime = { $days ->
    [one] Der Link funktioniert einmal und gilt einen Tag.
   *[other] Der Link funktioniert einmal und gilt { $days } Tage.
}
invitation-unexpected = Wenn Sie diese E-Mail nicht erwartet haben, brauchen Sie nichts zu tun.

reset-heading = Neues Passwort festlegen
reset-text = Jemand, vermutlich Sie selbst, hat ein neues Passwort angefordert.
reset-several = Sie haben Konten bei mehreren Organisationen. Wählen Sie, für welche Sie ein neues Passwort festlegen möchten.
reset-button = Neues Passwort festlegen
reset-button-of = Neues Passwort für { $organization }
reset-lifetime = { $links ->
    [one] Der Link funktioniert einmal und gilt { $minutes } Minuten.
   *[other] Jeder Link funktioniert einmal und gilt { $minutes } Minuten.
}
reset-unexpected = Wenn Sie das nicht waren, brauchen Sie nichts zu tun. Ihr Passwort bleibt, wie es ist.

changed-heading = Ihr Passwort wurde geändert
changed-text = Ihr Passwort bei { $organization } wurde geändert: { $moment } ({ $zone }).
changed-unexpected = Wenn Sie das waren, brauchen Sie nichts zu tun. Wenn nicht, fordern Sie auf der Anmeldeseite sofort ein neues Passwort an und sagen Sie es Ihrem IT-Team.

sign-in-heading = Neue Anmeldung bei Ihrem Konto
sign-in-text = Jemand hat sich bei Ihrem Konto bei { $organization } angemeldet, und zwar mit einem Browser, den wir dort noch nicht gesehen haben.
sign-in-moment = { $moment } ({ $zone })
sign-in-unexpected = Wenn Sie das waren, brauchen Sie nichts zu tun. Wenn nicht, ändern Sie jetzt in Ihrem Profil das Passwort, was alle abmeldet, und sagen Sie es Ihrem IT-Team.

fact-when = Wann
fact-client = Browser
fact-address = Adresse
fact-ticket = Anfrage
fact-from = Von
fact-subject = Betreff
fact-priority = Priorität
fact-status = Status
fact-files = Dateien

received-heading = Ihre Anfrage ist bei uns
received-text = Danke für Ihre Nachricht. Wir sehen uns das an und antworten Ihnen.

replied-subject = Wir haben auf Ihre Anfrage geantwortet
replied-subject-shared = Wir haben auf eine Anfrage geantwortet, an der Sie beteiligt sind
replied-heading = Eine Antwort für Sie
replied-heading-shared = Eine Antwort ist da
replied-text = { $author } hat auf „{ $subject }“ geantwortet:
replied-button = Ansehen und antworten

status-subject = Status: { $status }
status-heading = Ihre Anfrage: { $status }
status-heading-shared = Anfrage: { $status }
status-text = Der Status von „{ $subject }“ ist jetzt „{ $status }“. { $meaning }
status-new = Wir sehen sie uns bald an.
status-open = Wir arbeiten daran.
status-pending = Wir brauchen etwas von Ihnen, damit es weitergeht. Bitte sehen Sie nach.
status-pending-shared = Wir brauchen noch etwas, damit es weitergeht. Bitte sehen Sie nach.
status-on_hold = Wir warten auf jemand anderen. Sie brauchen nichts zu tun.
status-resolved = Wir meinen, dass das Problem gelöst ist. Bitte bestätigen Sie das, indem Sie die Anfrage schließen, oder antworten Sie, wenn es nicht so ist.
status-resolved-shared = Wir meinen, dass das Problem gelöst ist. Bitte antworten Sie, wenn es nicht so ist.
status-closed = Wenn Sie weitere Hilfe brauchen, stellen Sie bitte eine neue Anfrage.

due-subject = Bitte geben Sie { $device } bis { $day } zurück
due-heading = Ein Gerät ist bald zurückzugeben
due-text = Sie haben { $device } ausgeliehen. Der Tag der Rückgabe ist { $day }.
due-longer = Wenn Sie es länger brauchen, ändern Sie im Portal das Rückgabedatum.

overdue-subject = Überfällig: { $device }
overdue-heading = Ein Gerät ist überfällig
overdue-text = Sie haben { $device } ausgeliehen. Der Tag der Rückgabe war { $day }.
overdue-return = Bitte geben Sie es zurück, oder ändern Sie im Portal das Rückgabedatum.

new-ticket-subject = Neue Anfrage: { $subject }
new-ticket-heading = Neue Anfrage
customer-replied-subject = Antwort: { $subject }
customer-replied-heading = Eine Antwort von der Kundenseite
team-button = Anfrage öffnen

view-shared-ticket = Anfrage ansehen
participant-heading = Sie sind an einer Anfrage beteiligt
participant-text = Sie wurden an einer Anfrage von { $submitter } beteiligt. Im Portal können Sie sie verfolgen und antworten.
colleague-replied-heading = { $author } hat geantwortet
submitted-by-heading = { $manager } hat eine Anfrage für Sie gestellt
submitted-by-text = Wir kümmern uns darum und antworten Ihnen. Es ist Ihre Anfrage: Im Portal können Sie sie verfolgen und antworten.
submitted-for-heading = Die Anfrage für { $colleague } ist bei uns
submitted-for-text = Es ist jetzt die Anfrage von { $colleague }; dorthin gehen unsere Antworten.

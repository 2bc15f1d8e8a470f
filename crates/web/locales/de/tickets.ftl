### Anfragen und was dazu gesagt wird.

tickets-title = Anfragen
tickets-new = Neue Anfrage
tickets-none = Noch keine Anfragen
tickets-none-text = Wenn etwas nicht funktioniert oder Sie etwas brauchen, sagen Sie es hier Ihrem IT-Team. Alle Antworten finden Sie dann auf dieser Seite.
tickets-none-shared = Niemand hat etwas mit Ihnen geteilt
tickets-none-shared-text = Wenn jemand Sie an einer Anfrage beteiligt, finden Sie sie hier.
tickets-none-organization-text = In Ihrer Organisation hat noch niemand eine Anfrage gestellt.
tickets-scope = Wessen Anfragen
tickets-mine = Meine Anfragen
tickets-shared = Mit mir geteilt
tickets-organization = Ganze Organisation
tickets-only-managers = Nur wer die Organisation leitet, sieht alle Anfragen und stellt sie für andere.
tickets-submitter = Gestellt von
tickets-first = Erste Anfrage stellen
tickets-search = Suche
tickets-search-button = Suchen
tickets-refine = Filtern und ordnen
tickets-apply = Anwenden
tickets-found = { $count ->
    [one] Eine Anfrage gefunden
   *[other] { $count } Anfragen gefunden
}
tickets-subject = Betreff
tickets-number = Nummer
tickets-status = Status
tickets-priority = Priorität
tickets-updated = Letzte Änderung
tickets-any-status = Jeder Status
tickets-not-closed = Nicht geschlossen
tickets-any-priority = Jede Priorität
tickets-sort = Reihenfolge
tickets-sort-newest = Neueste zuerst
tickets-sort-oldest = Älteste zuerst
tickets-sort-updated = Zuletzt geänderte zuerst
tickets-sort-priority = Dringendste zuerst
tickets-not-found = Keine passenden Anfragen
tickets-not-found-text = Versuchen Sie es mit weniger oder anderen Wörtern, mit einem anderen Status oder einer anderen Priorität.
tickets-show-all = Alle Anfragen zeigen

field-subject = Betreff
field-description = Was ist passiert?
field-priority = Priorität
field-content = Ihre Antwort
field-device = Gerät
field-on-behalf-of = Wessen Anfrage ist es?
field-colleague = E-Mail-Adresse einer Kollegin oder eines Kollegen

ticket-new-text = Sagen Sie Ihrem IT-Team, was Sie brauchen. Es antwortet Ihnen hier.
ticket-subject-hint = In wenigen Worten, zum Beispiel „Der Drucker im zweiten Stock druckt nicht“.
ticket-description-hint = Was wollten Sie tun, was ist stattdessen passiert, und seit wann?
ticket-priority-hint = „Dringend“ ist es, wenn niemand mehr arbeiten kann.
ticket-device-hint = Wenn es um ein Gerät Ihrer Organisation geht.
ticket-device-none = Kein bestimmtes
ticket-on-behalf-of-hint = Die E-Mail-Adresse der Person, deren Anfrage es sein soll. Lassen Sie das Feld leer, wenn es Ihre ist.
ticket-no-colleague = Niemand mit einem Konto hat diese Adresse.
ticket-no-device = Ihre Organisation hat kein solches Gerät.
ticket-submit = Anfrage senden
ticket-cancel = Abbrechen
ticket-submitted = Ihre Anfrage ist bei uns. Sie hat die Nummer { $number }.

ticket-details = Details
ticket-created = Gestellt
ticket-resolved = Gelöst
ticket-closed = Geschlossen
ticket-external = Im System Ihres IT-Teams
ticket-conversation = Verlauf
ticket-earlier-replies = Frühere Antworten
ticket-later-replies = Spätere Antworten
ticket-you = Sie
ticket-team = IT-Team
ticket-edited = Bearbeitet

ticket-participants = Wer beteiligt ist
ticket-participants-none = Sie können andere beteiligen. Diese sehen dann die Anfrage und können antworten.
ticket-participant-add = Hinzufügen
ticket-participant-remove = Entfernen
ticket-leave = Verlassen
ticket-colleague-hint = Die Person erfährt es per E-Mail.
ticket-only-in-charge = Das kann nur, wer die Anfrage gestellt hat oder die Organisation leitet.

ticket-reply = Antworten
ticket-reply-send = Antwort senden
ticket-reply-reopen = Antworten und wieder öffnen
ticket-reply-edit = Bearbeiten
ticket-reply-withdraw = Zurückziehen
ticket-is-pending = Ihr IT-Team braucht Ihre Antwort
ticket-is-pending-text = Sobald Sie geantwortet haben, geht es weiter.
ticket-is-resolved = Ist das Problem gelöst?
ticket-is-resolved-text = Ihr IT-Team meint: ja. Sobald Sie die Anfrage schließen, sind keine Antworten mehr möglich.
ticket-close = Ja, Anfrage schließen
ticket-is-not-resolved = Noch nicht gelöst?
ticket-is-not-resolved-text = Mit Ihrer Antwort wird die Anfrage wieder geöffnet.
ticket-is-closed = Diese Anfrage ist geschlossen
ticket-is-closed-text = Antworten sind nicht mehr möglich. Wenn das Problem wieder auftritt, stellen Sie bitte eine neue Anfrage und nennen Sie darin { $number }.
ticket-unsent = Das wurde nicht gesendet

ticket-edit-title = Antwort bearbeiten
ticket-edit-text = Das geht, bis Ihr IT-Team geantwortet hat.
ticket-edit-save = Speichern
ticket-present = Die Antwort, wie sie jetzt ist
ticket-withdraw-title = Diese Antwort zurückziehen?
ticket-withdraw-text = Sie verschwindet von dieser Seite, und das lässt sich nicht rückgängig machen. Ihr IT-Team kann sie schon per E-Mail erhalten haben.
ticket-withdraw-yes = Zurückziehen
ticket-withdraw-no = Behalten

ticket-refused-closed = Die Anfrage ist inzwischen geschlossen.
ticket-refused-locked = Ihr IT-Team hat inzwischen geantwortet. Darum lässt sich diese Antwort nicht mehr ändern oder zurückziehen.
ticket-edited-since = Diese Antwort ist inzwischen geändert worden, zum Beispiel in einem anderen Tab. Wenn Sie speichern, ersetzt Ihr Text sie.
ticket-refused-close = Ihr IT-Team arbeitet wieder an dieser Anfrage. Darum lässt sie sich noch nicht schließen.

notice-ticket-submitted = Ihre Anfrage ist bei uns.
notice-participant-added = Die Person ist jetzt beteiligt.
notice-participant-removed = Die Person ist nicht mehr beteiligt.
notice-ticket-left = Sie sind nicht mehr an der Anfrage beteiligt.
notice-ticket-closed = Die Anfrage ist geschlossen. Danke für die Rückmeldung.
notice-reply-sent = Ihre Antwort ist gesendet.
notice-reply-changed = Ihre Antwort ist geändert.
notice-reply-withdrawn = Ihre Antwort ist zurückgezogen.

field-files = Dateien
files-hint = Wählen Sie bis zu zehn Dateien von je höchstens { $max } MB, zum Beispiel ein Bildschirmfoto. Sie können sie auch hierher ziehen oder hier einfügen.
files-too-many = Bitte senden Sie höchstens zehn Dateien auf einmal.
files-too-large = Diese Datei ist zu groß.
files-empty = Eine Datei ist leer.
files-refused = Diese Datei kann nicht angenommen werden: Sie wird beim Öffnen ausgeführt oder ist schädlich.
files-no-room = Zurzeit ist kein Platz für weitere Dateien. Bitte fragen Sie Ihr IT-Team, oder versuchen Sie es später noch einmal.
files-failed = Diese Datei ist nicht angekommen. Bitte versuchen Sie es noch einmal.
files-unsent = Die Dateien wurden nicht angenommen, weil Sie nicht angemeldet waren. Bitte wählen Sie sie noch einmal aus.
files-unavailable = Im Moment können keine Dateien angenommen werden. Bitte wählen Sie diese später noch einmal aus, oder senden Sie Ihren Text ohne sie.
files-unknown = Eine Datei ist nicht mehr da. Bitte wählen Sie sie noch einmal aus.
file-size-kb = { $size } kB
file-size-mb = { $size } MB

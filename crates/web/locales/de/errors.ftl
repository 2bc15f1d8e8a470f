### Wo es keine Seite gibt.

problem-home = Zur Startseite
problem-support = Support kontaktieren
problem-not-found = Diese Seite gibt es nicht
problem-not-found-text = Vielleicht ist sie umgezogen, oder in der Adresse ist ein Tippfehler.
problem-not-active = Dieses Konto ist nicht aktiv
problem-not-active-text = Bitte wenden Sie sich an Ihr IT-Team, wenn es das sein sollte.
problem-disabled = Das ist nicht verfügbar
problem-disabled-text = Ihre Organisation bietet diesen Teil des Portals nicht an.
problem-forged = Dieses Formular konnte nicht angenommen werden
problem-forged-text = Vielleicht war es zu lange geöffnet, oder Cookies sind abgeschaltet. Bitte gehen Sie zurück, kopieren Sie, was Sie geschrieben haben, laden Sie die Seite neu und versuchen Sie es noch einmal.
outdated-title = Bitte prüfen und noch einmal senden
outdated-text = Die Seite, von der Sie das gesendet haben, war schon vor Ihrer Anmeldung offen. Es wurde noch nichts gespeichert.
outdated-send = Senden
outdated-discard = Verwerfen
problem-unreadable = Wir konnten die Eingabe nicht lesen
problem-unreadable-text = Bitte gehen Sie zurück und versuchen Sie es noch einmal. Sehr lange Texte müssen vielleicht gekürzt werden.
problem-refused = Das ist gerade nicht möglich
problem-rate-limited = Bitte warten Sie etwas
problem-rate-limited-text = { $minutes ->
    [one] Das waren zu viele Versuche. Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.
   *[other] Das waren zu viele Versuche. Bitte warten Sie { $minutes } Minuten und versuchen Sie es dann noch einmal.
}
problem-too-many-changes = In der letzten Minute wurde zu viel gesendet, deshalb ist das hier noch nicht gespeichert. Bitte warten Sie eine Minute und senden Sie es dann noch einmal.
problem-unavailable = Wir sind gleich wieder da
problem-unavailable-text = Das Portal ist im Augenblick nicht erreichbar. Bitte versuchen Sie es in einer Minute noch einmal.
problem-internal = Etwas ist schiefgegangen
problem-internal-text = Es liegt nicht an Ihnen. Bitte versuchen Sie es noch einmal; wenn es wieder geschieht, sagen Sie bitte dem Support, wann es war.
problem-forbidden = Das dürfen Sie nicht

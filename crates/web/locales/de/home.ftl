### Die erste Seite.

home-title = Start
home-greeting = Hallo, { $name }
home-text = Das ist der Stand der Dinge.
home-new-ticket = Neue Anfrage
home-tickets = Laufende Anfragen
home-all-tickets = Alle Anfragen
home-no-tickets = Keine laufenden Anfragen
home-no-tickets-text = Wenn etwas nicht funktioniert, sagen Sie es uns hier.
home-loans = Von Ihnen ausgeliehen
home-all-loans = Meine Ausleihen
home-no-loans = Nichts ausgeliehen
home-no-loans-text = Notebooks, Beamer und mehr können Sie hier ausleihen.
home-due = Rückgabe bis
home-no-due = Ohne Rückgabedatum
home-devices = Geräte
home-all-devices = Alle Geräte
home-no-devices = Noch keine Geräte
home-no-devices-text = Hier erscheinen die Geräte Ihrer Organisation.
home-support = Brauchen Sie Hilfe?
home-support-text = Ihr IT-Team hilft Ihnen gern.

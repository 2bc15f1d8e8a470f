### Die Geräte der Organisation.

devices-title = Geräte
devices-text = Was Ihre Organisation hat und in welchem Zustand es ist.
devices-search = Nach Namen suchen
devices-search-button = Suchen
devices-found = { $count ->
    [one] Ein Gerät gefunden
   *[other] { $count } Geräte gefunden
}
devices-none = Noch keine Geräte
devices-none-text = Hier erscheinen die Geräte Ihrer Organisation.
devices-not-found = Nichts gefunden
devices-not-found-text = Kein Gerät heißt so. Ein Teil des Namens genügt.
devices-all = Alle Geräte anzeigen

device-name = Name
device-status = Status
device-system = System
device-seen = Zuletzt gesehen
device-never-seen = Noch nie
device-hostname = Hostname
device-facts = Über dieses Gerät
device-report = Problem melden
device-tickets = Anfragen dazu
device-no-tickets = Keine Anfragen
device-no-tickets-text = Hier erscheinen Anfragen zu diesem Gerät, die Sie sehen dürfen.

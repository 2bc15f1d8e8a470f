### Ausleihen und Zurückgeben.

equipment-title = Ausleihe
equipment-text = Leihen Sie aus, was Sie brauchen, und bringen Sie es danach zurück.
equipment-available = Jetzt verfügbar
equipment-none = Zurzeit ist nichts verfügbar
equipment-none-text = Alles ist ausgeliehen. Bitte sehen Sie später wieder nach oder fragen Sie Ihr IT-Team.
equipment-check-out = Ausleihen
equipment-cancel = Abbrechen
equipment-back-label = Zurück

equipment-check-out-title = { $device } ausleihen
equipment-check-out-text = Alle Angaben sind freiwillig.
equipment-check-out-confirm = Ausleihe bestätigen
equipment-return-hint = Sie dürfen es bis zum Ende dieses Tages behalten.
equipment-condition-out-hint = Wie es jetzt aussieht, zum Beispiel „wie neu“.
equipment-notes-out-hint = Wofür Sie es brauchen oder was dabei war.
equipment-taken = Jemand anderes hat dieses Gerät ausgeliehen. Bitte wählen Sie unter „Ausleihe“ ein anderes.

equipment-loans = Meine Ausleihen
equipment-out = Von Ihnen ausgeliehen
equipment-out-none = Nichts ausgeliehen
equipment-out-none-text = Was Sie ausleihen, steht hier, bis Sie es zurückgeben.
equipment-browse = Verfügbares ansehen
equipment-history = Zurückgegeben
equipment-nothing-said = Keine Angabe

equipment-loan = Diese Ausleihe
equipment-returned = Zurückgegeben
equipment-taken-on = Ausgeliehen am
equipment-due = Rückgabe bis
equipment-no-due = Ohne Rückgabedatum
equipment-returned-on = Zurückgegeben am
equipment-condition-out = Zustand bei der Ausleihe
equipment-condition-in = Zustand bei der Rückgabe
equipment-notes-out = Anmerkungen bei der Ausleihe
equipment-notes-in = Anmerkungen bei der Rückgabe

equipment-extend = Brauchen Sie es länger?
equipment-extend-save = Datum ändern
equipment-until = Wie lange brauchen Sie es?
equipment-until-save = Datum festlegen
equipment-returned-already = Dieses Gerät ist schon zurückgegeben.

equipment-check-in = Zurückgeben
equipment-check-in-title = { $device } zurückgeben
equipment-check-in-text = Sagen Sie uns, in welchem Zustand es ist, wenn es etwas zu sagen gibt.
equipment-check-in-confirm = Rückgabe bestätigen
equipment-condition-in-hint = Wie es jetzt aussieht, zum Beispiel „Kratzer auf dem Deckel“.
equipment-notes-in-hint = Wo es liegt oder was man sich ansehen sollte.

field-return-date = Rückgabedatum
field-condition = Zustand
field-notes = Anmerkungen

error-date = Bitte wählen Sie ein Datum aus dem Kalender.
error-date-past = Dieser Tag ist vorbei. Bitte wählen Sie heute oder einen späteren Tag.

notice-checked-out = Ausgeliehen. Wenn Sie fertig sind, können Sie es hier zurückgeben.
notice-checked-in = Danke, die Rückgabe ist vermerkt.
notice-return-moved = Das Rückgabedatum ist geändert.

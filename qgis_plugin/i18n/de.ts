<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>mtrs_geo</name>
    <message>
        <source>1 polygon</source>
        <translation>1 Polygon</translation>
    </message>
    <message>
        <source>A layer</source>
        <translation>Ein Layer</translation>
    </message>
    <message>
        <source>A layer was removed while the run went on.</source>
        <translation>Ein Layer wurde während des Laufs entfernt.</translation>
    </message>
    <message>
        <source>A name, or the folder of a model of your own</source>
        <translation>Ein Name oder der Ordner eines eigenen Modells</translation>
    </message>
    <message>
        <source>A package is missing: mtrs-geo needs Python 3.11 or newer, and a folder of wheels must hold all that it depends on.</source>
        <translation>Ein Paket fehlt: mtrs-geo braucht Python 3.11 oder neuer, und ein Ordner mit Wheels muss alles enthalten, wovon es abhängt.</translation>
    </message>
    <message>
        <source>A proxy replaces certificates: name its certificate in pip's configuration, or install from a folder of wheels.</source>
        <translation>Ein Proxy ersetzt Zertifikate: sein Zertifikat in der Konfiguration von pip nennen oder aus einem Ordner mit Wheels installieren.</translation>
    </message>
    <message>
        <source>A review is kept in a GeoPackage, but {} is {}. Press “Save as GeoPackage…”, or right-click the layer: Export &gt; Save Features As… &gt; GeoPackage, and choose the copy.</source>
        <translation>Eine Prüfung wird in einem GeoPackage aufbewahrt, {} aber ist {}. „Als GeoPackage speichern…“ drücken oder den Layer rechts anklicken: Export &gt; Objekte speichern als… &gt; GeoPackage, und die Kopie wählen.</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>Annehmen</translation>
    </message>
    <message>
        <source>Add the probabilities</source>
        <translation>Wahrscheinlichkeiten hinzufügen</translation>
    </message>
    <message>
        <source>After</source>
        <translation>Nachher</translation>
    </message>
    <message>
        <source>All its polygons</source>
        <translation>Alle seine Polygone</translation>
    </message>
    <message>
        <source>Appeared</source>
        <translation>Erschienen</translation>
    </message>
    <message>
        <source>Area (m²)</source>
        <translation>Fläche (m²)</translation>
    </message>
    <message>
        <source>Area of all polygons (m²)</source>
        <translation>Fläche aller Polygone (m²)</translation>
    </message>
    <message>
        <source>Batch over a table</source>
        <translation>Stapel über eine Tabelle</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Vorher</translation>
    </message>
    <message>
        <source>Before and after are the same layer.</source>
        <translation>Vorher und nachher sind derselbe Layer.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>Veränderung</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Verändert</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>Veränderungen</translation>
    </message>
    <message>
        <source>Choose a layer of changes.</source>
        <translation>Einen Layer mit Veränderungen wählen.</translation>
    </message>
    <message>
        <source>Choose a layer.</source>
        <translation>Einen Layer wählen.</translation>
    </message>
    <message>
        <source>Choose two raster layers of the same place.</source>
        <translation>Zwei Rasterlayer desselben Ortes wählen.</translation>
    </message>
    <message>
        <source>Click a polygon, then drag the line between the dates</source>
        <translation>Ein Polygon anklicken, dann die Linie zwischen den Zeitpunkten ziehen</translation>
    </message>
    <message>
        <source>Column of the rasters after</source>
        <translation>Spalte der Raster nachher</translation>
    </message>
    <message>
        <source>Column of the rasters before</source>
        <translation>Spalte der Raster vorher</translation>
    </message>
    <message>
        <source>Column of the sentences</source>
        <translation>Spalte der Sätze</translation>
    </message>
    <message>
        <source>Compare in the map</source>
        <translation>In der Karte vergleichen</translation>
    </message>
    <message>
        <source>Compares polygons found with polygons that are known to be true, by their area on the ground: precision, recall, F1 and IoU. Layers may differ in CRS.</source>
        <translation>Vergleicht gefundene Polygone mit solchen, die als wahr bekannt sind, nach ihrer Fläche am Boden: Genauigkeit, Trefferquote, F1 und IoU. Layer dürfen sich im KBS unterscheiden.</translation>
    </message>
    <message>
        <source>Copy diagnostics</source>
        <translation>Diagnose kopieren</translation>
    </message>
    <message>
        <source>Create environment</source>
        <translation>Umgebung anlegen</translation>
    </message>
    <message>
        <source>Creating {}…</source>
        <translation>{} wird angelegt…</translation>
    </message>
    <message>
        <source>Ctrl+Enter in the sentence</source>
        <translation>Strg+Eingabe im Satz</translation>
    </message>
    <message>
        <source>Cuts both rasters into tiles with a mask for every sentence, in the layout of MTRefSeg-21K: what was accepted or edited is the target, and a tile whose polygons were all rejected has none. A tile that holds a polygon nobody reviewed is left out for that sentence. “mtrs-geo evaluate” and training read the folder.</source>
        <translation>Schneidet beide Raster in Kacheln mit einer Maske für jeden Satz, in der Ordnung von MTRefSeg-21K: Angenommenes und Bearbeitetes ist das Ziel, und eine Kachel, deren Polygone alle abgelehnt wurden, hat keines. Eine Kachel mit einem Polygon, das niemand geprüft hat, bleibt für diesen Satz weg. „mtrs-geo evaluate“ und das Training lesen den Ordner.</translation>
    </message>
    <message>
        <source>Dates as 2016-05-01, 2018, …; empty reads them</source>
        <translation>Daten wie 2016-05-01, 2018, …; leer liest sie</translation>
    </message>
    <message>
        <source>Dates: {}</source>
        <translation>Daten: {}</translation>
    </message>
    <message>
        <source>Detect changes</source>
        <translation>Veränderungen finden</translation>
    </message>
    <message>
        <source>Detect changes from a sentence</source>
        <translation>Veränderungen aus einem Satz finden</translation>
    </message>
    <message>
        <source>Detect changes from text</source>
        <translation>Veränderungen aus Text finden</translation>
    </message>
    <message>
        <source>Detect changes in a stack</source>
        <translation>Veränderungen in einer Zeitreihe finden</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Disappeared</source>
        <translation>Verschwunden</translation>
    </message>
    <message>
        <source>Draw a rectangle</source>
        <translation>Rechteck zeichnen</translation>
    </message>
    <message>
        <source>Draw a rectangle on the map.</source>
        <translation>Ein Rechteck in die Karte zeichnen.</translation>
    </message>
    <message>
        <source>Draw a rectangle, or choose another area.</source>
        <translation>Ein Rechteck zeichnen oder ein anderes Gebiet wählen.</translation>
    </message>
    <message>
        <source>Drawn rectangle</source>
        <translation>Gezeichnetes Rechteck</translation>
    </message>
    <message>
        <source>Edit shape</source>
        <translation>Form bearbeiten</translation>
    </message>
    <message>
        <source>Edit text</source>
        <translation>Text bearbeiten</translation>
    </message>
    <message>
        <source>Empty: any change is looked for.</source>
        <translation>Leer: jede Veränderung wird gesucht.</translation>
    </message>
    <message>
        <source>Evaluate against a reference layer</source>
        <translation>Mit einem Referenzlayer bewerten</translation>
    </message>
    <message>
        <source>Examples</source>
        <translation>Beispiele</translation>
    </message>
    <message>
        <source>Export reviewed polygons as training pairs</source>
        <translation>Geprüfte Polygone als Trainingspaare exportieren</translation>
    </message>
    <message>
        <source>Export training pairs…</source>
        <translation>Trainingspaare exportieren…</translation>
    </message>
    <message>
        <source>Exporting {}: {} x {} pixels</source>
        <translation>{} wird exportiert: {} x {} Pixel</translation>
    </message>
    <message>
        <source>Finds change between every two neighbouring dates of a place. Give the rasters earliest first, or give their dates: then they are sorted by them.</source>
        <translation>Findet Veränderungen zwischen je zwei benachbarten Zeitpunkten eines Ortes. Die Raster früheste zuerst angeben, oder ihre Daten: dann werden sie danach sortiert.</translation>
    </message>
    <message>
        <source>Finds the change that a sentence describes between two rasters of a place. They may differ in CRS, pixel size and extent. “The three largest new buildings in the north-east”, “demolished buildings, except those smaller than 50 m²”: sizes, places and ranks are decided on the whole scene. Layers that are no file on this computer are exported first, for the extent.</source>
        <translation>Findet die Veränderung, die ein Satz beschreibt, zwischen zwei Rastern eines Ortes. Sie dürfen sich in KBS, Pixelgröße und Ausdehnung unterscheiden. Sätze sind englisch: “The three largest new buildings in the north-east”, “demolished buildings, except those smaller than 50 m²”; Größen, Lagen und Ränge werden an der ganzen Szene entschieden. Layer, die keine Datei auf diesem Rechner sind, werden zuerst für die Ausdehnung exportiert.</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Folder of wheels (offline)</source>
        <translation>Ordner mit Wheels (ohne Netz)</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>Gefunden</translation>
    </message>
    <message>
        <source>Hand the sentence to the model as it is</source>
        <translation>Den Satz unverändert an das Modell geben</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Install Python's venv (Debian, Ubuntu: apt install python3-venv).</source>
        <translation>Pythons venv installieren (Debian, Ubuntu: apt install python3-venv).</translation>
    </message>
    <message>
        <source>Installing mtrs-geo</source>
        <translation>mtrs-geo wird installiert</translation>
    </message>
    <message>
        <source>It was stopped.</source>
        <translation>Es wurde angehalten.</translation>
    </message>
    <message>
        <source>It works.</source>
        <translation>Es funktioniert.</translation>
    </message>
    <message>
        <source>Its extent, {}</source>
        <translation>Seine Ausdehnung, {}</translation>
    </message>
    <message>
        <source>Its polygons, the selected ones if any; else its extent</source>
        <translation>Seine Polygone, die gewählten, falls es welche gibt; sonst seine Ausdehnung</translation>
    </message>
    <message>
        <source>Its selected polygons: {:,}</source>
        <translation>Seine gewählten Polygone: {:,}</translation>
    </message>
    <message>
        <source>Keep in</source>
        <translation>Behalten in</translation>
    </message>
    <message>
        <source>Keep sentences with rules about the whole scene</source>
        <translation>Sätze mit Regeln über die ganze Szene behalten</translation>
    </message>
    <message>
        <source>Keep the polygons in</source>
        <translation>Polygone behalten in</translation>
    </message>
    <message>
        <source>Made on a computer of the same kind that has a network, with what works there:</source>
        <translation>Gemacht auf einem gleichartigen Rechner mit Netz, aus dem, was dort läuft:</translation>
    </message>
    <message>
        <source>Making the environment</source>
        <translation>Umgebung wird angelegt</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Model: a name, or the folder of one</source>
        <translation>Modell: ein Name oder der Ordner eines Modells</translation>
    </message>
    <message>
        <source>Model: {}</source>
        <translation>Modell: {}</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>No Python 3.11 or newer was found on this computer.</source>
        <translation>Kein Python 3.11 oder neuer wurde auf diesem Rechner gefunden.</translation>
    </message>
    <message>
        <source>No Python with mtrs-geo is known.</source>
        <translation>Kein Python mit mtrs-geo ist bekannt.</translation>
    </message>
    <message>
        <source>Nothing of the kind was found</source>
        <translation>Nichts dergleichen wurde gefunden</translation>
    </message>
    <message>
        <source>Nothing was asked yet</source>
        <translation>Noch wurde nichts gefragt</translation>
    </message>
    <message>
        <source>Number of pairs</source>
        <translation>Anzahl der Paare</translation>
    </message>
    <message>
        <source>Number of polygons</source>
        <translation>Anzahl der Polygone</translation>
    </message>
    <message>
        <source>Number of sentences</source>
        <translation>Anzahl der Sätze</translation>
    </message>
    <message>
        <source>Of layers that are no file on this computer</source>
        <translation>Von Layern, die keine Datei auf diesem Rechner sind</translation>
    </message>
    <message>
        <source>Of them without target</source>
        <translation>Davon ohne Ziel</translation>
    </message>
    <message>
        <source>One sentence a line; empty for any change</source>
        <translation>Ein Satz je Zeile; leer für jede Veränderung</translation>
    </message>
    <message>
        <source>Only in these polygons</source>
        <translation>Nur in diesen Polygonen</translation>
    </message>
    <message>
        <source>Only in this extent</source>
        <translation>Nur in dieser Ausdehnung</translation>
    </message>
    <message>
        <source>Open the settings</source>
        <translation>Einstellungen öffnen</translation>
    </message>
    <message>
        <source>Opening changes</source>
        <translation>Veränderungen öffnen</translation>
    </message>
    <message>
        <source>Opening the result…</source>
        <translation>Das Ergebnis wird geöffnet…</translation>
    </message>
    <message>
        <source>Options</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Perimeter (m)</source>
        <translation>Umfang (m)</translation>
    </message>
    <message>
        <source>Pixel size of layers that must be exported (m)</source>
        <translation>Pixelgröße von Layern, die exportiert werden müssen (m)</translation>
    </message>
    <message>
        <source>Pixel, web layers</source>
        <translation>Pixel, Web-Layer</translation>
    </message>
    <message>
        <source>Previous</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>Wahrscheinlichkeit</translation>
    </message>
    <message>
        <source>Probability from which a pixel counts</source>
        <translation>Wahrscheinlichkeit, ab der ein Pixel zählt</translation>
    </message>
    <message>
        <source>Probability: {}</source>
        <translation>Wahrscheinlichkeit: {}</translation>
    </message>
    <message>
        <source>Python of the environment with mtrs-geo</source>
        <translation>Python der Umgebung mit mtrs-geo</translation>
    </message>
    <message>
        <source>Python with mtrs-geo</source>
        <translation>Python mit mtrs-geo</translation>
    </message>
    <message>
        <source>Rasters, earliest first</source>
        <translation>Raster, früheste zuerst</translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>Ablehnen</translation>
    </message>
    <message>
        <source>Replace what the folder holds</source>
        <translation>Ersetzen, was der Ordner enthält</translation>
    </message>
    <message>
        <source>Restore shape</source>
        <translation>Form wiederherstellen</translation>
    </message>
    <message>
        <source>Review changes</source>
        <translation>Veränderungen prüfen</translation>
    </message>
    <message>
        <source>Review changes in the map</source>
        <translation>Veränderungen in der Karte prüfen</translation>
    </message>
    <message>
        <source>Reviewed polygons</source>
        <translation>Geprüfte Polygone</translation>
    </message>
    <message>
        <source>Rows done</source>
        <translation>Erledigte Zeilen</translation>
    </message>
    <message>
        <source>Rows failed</source>
        <translation>Gescheiterte Zeilen</translation>
    </message>
    <message>
        <source>Run again; the worker starts anew.</source>
        <translation>Noch einmal starten; der Arbeitsprozess beginnt neu.</translation>
    </message>
    <message>
        <source>Runs every row of a table: two columns with paths of rasters, one with the sentence. Each row becomes a GeoPackage in the folder; a table says how many polygons each row gave, or why it failed. A failed row does not stop the others.</source>
        <translation>Führt jede Zeile einer Tabelle aus: zwei Spalten mit Pfaden von Rastern, eine mit dem Satz. Jede Zeile wird ein GeoPackage im Ordner; eine Tabelle sagt, wie viele Polygone jede Zeile ergab oder warum sie scheiterte. Eine gescheiterte Zeile hält die anderen nicht auf.</translation>
    </message>
    <message>
        <source>Save as GeoPackage</source>
        <translation>Als GeoPackage speichern</translation>
    </message>
    <message>
        <source>Save as GeoPackage…</source>
        <translation>Als GeoPackage speichern…</translation>
    </message>
    <message>
        <source>Score {:.2f}</source>
        <translation>Wert {:.2f}</translation>
    </message>
    <message>
        <source>Score, highest</source>
        <translation>Wert, höchster</translation>
    </message>
    <message>
        <source>Score, mean</source>
        <translation>Wert, Mittel</translation>
    </message>
    <message>
        <source>Sentence</source>
        <translation>Satz</translation>
    </message>
    <message>
        <source>Sentence: {}, understood as: {}</source>
        <translation>Satz: {}, verstanden als: {}</translation>
    </message>
    <message>
        <source>Settings &gt; Options &gt; MTRS-Geo: choose another Python.</source>
        <translation>Einstellungen &gt; Optionen &gt; MTRS-Geo: ein anderes Python wählen.</translation>
    </message>
    <message>
        <source>Settings &gt; Options &gt; MTRS-Geo: choose one, or let it be created.</source>
        <translation>Einstellungen &gt; Optionen &gt; MTRS-Geo: eines wählen oder anlegen lassen.</translation>
    </message>
    <message>
        <source>Side of a tile (pixels)</source>
        <translation>Seite einer Kachel (Pixel)</translation>
    </message>
    <message>
        <source>Smallest polygon</source>
        <translation>Kleinstes Polygon</translation>
    </message>
    <message>
        <source>Smallest polygon (m²)</source>
        <translation>Kleinstes Polygon (m²)</translation>
    </message>
    <message>
        <source>Something is wrong, see below.</source>
        <translation>Etwas stimmt nicht, siehe unten.</translation>
    </message>
    <message>
        <source>Starting the worker…</source>
        <translation>Arbeitsprozess wird gestartet…</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Wird angehalten…</translation>
    </message>
    <message>
        <source>Swap before and after</source>
        <translation>Vorher und nachher tauschen</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Testen</translation>
    </message>
    <message>
        <source>Testing it</source>
        <translation>Wird geprüft</translation>
    </message>
    <message>
        <source>Testing…</source>
        <translation>Wird getestet…</translation>
    </message>
    <message>
        <source>The columns of the review could not be added to {}: {}</source>
        <translation>Die Spalten der Prüfung konnten {} nicht hinzugefügt werden: {}</translation>
    </message>
    <message>
        <source>The decision could not be saved in {}: {}</source>
        <translation>Die Entscheidung konnte in {} nicht gespeichert werden: {}</translation>
    </message>
    <message>
        <source>The disk is full: mtrs-geo with PyTorch needs about 6 GB.</source>
        <translation>Die Platte ist voll: mtrs-geo mit PyTorch braucht etwa 6 GB.</translation>
    </message>
    <message>
        <source>The environment is ready.</source>
        <translation>Die Umgebung ist bereit.</translation>
    </message>
    <message>
        <source>The extent cannot be related to {}: {}</source>
        <translation>Die Ausdehnung lässt sich nicht auf {} beziehen: {}</translation>
    </message>
    <message>
        <source>The log says what happened; the command can be run in a terminal, too.</source>
        <translation>Das Protokoll sagt, was geschah; der Befehl kann auch in einem Terminal laufen.</translation>
    </message>
    <message>
        <source>The plugin ended.</source>
        <translation>Die Erweiterung wurde beendet.</translation>
    </message>
    <message>
        <source>The profile's folder cannot be written.</source>
        <translation>In den Ordner des Profils kann nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>The proxy refused: check Settings &gt; Options &gt; Network.</source>
        <translation>Der Proxy lehnte ab: Einstellungen &gt; Optionen &gt; Netzwerk prüfen.</translation>
    </message>
    <message>
        <source>The run failed; the log of messages may say why.</source>
        <translation>Der Lauf scheiterte; das Protokoll der Nachrichten sagt vielleicht, warum.</translation>
    </message>
    <message>
        <source>The run was cancelled.</source>
        <translation>Der Lauf wurde abgebrochen.</translation>
    </message>
    <message>
        <source>The shape could not be saved: {}. It is kept in the layer's edits; try again.</source>
        <translation>Die Form konnte nicht gespeichert werden: {}. Sie bleibt in den Bearbeitungen des Layers; noch einmal versuchen.</translation>
    </message>
    <message>
        <source>The table has no column {}.</source>
        <translation>Die Tabelle hat keine Spalte {}.</translation>
    </message>
    <message>
        <source>The worker {}.</source>
        <translation>Der Arbeitsprozess {}.</translation>
    </message>
    <message>
        <source>The worker's answer as JSON</source>
        <translation>Die Antwort des Arbeitsprozesses als JSON</translation>
    </message>
    <message>
        <source>There is no network: install from a folder of wheels.</source>
        <translation>Es gibt kein Netz: aus einem Ordner mit Wheels installieren.</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>To install by hand</source>
        <translation>Von Hand zu installieren</translation>
    </message>
    <message>
        <source>Tolerance of the outlines (m); empty for one pixel</source>
        <translation>Toleranz der Umrisse (m); leer für ein Pixel</translation>
    </message>
    <message>
        <source>Touches the edge</source>
        <translation>Berührt den Rand</translation>
    </message>
    <message>
        <source>True</source>
        <translation>Wahr</translation>
    </message>
    <message>
        <source>Undecide</source>
        <translation>Zurücknehmen</translation>
    </message>
    <message>
        <source>Understood as</source>
        <translation>Verstanden als</translation>
    </message>
    <message>
        <source>Understood as: {}</source>
        <translation>Verstanden als: {}</translation>
    </message>
    <message>
        <source>Warning: {}</source>
        <translation>Warnung: {}</translation>
    </message>
    <message>
        <source>What became of each row</source>
        <translation>Was aus jeder Zeile wurde</translation>
    </message>
    <message>
        <source>What changed here?</source>
        <translation>Was hat sich hier verändert?</translation>
    </message>
    <message>
        <source>What changed?</source>
        <translation>Was hat sich verändert?</translation>
    </message>
    <message>
        <source>What changed? One sentence a line</source>
        <translation>Was hat sich verändert? Ein Satz je Zeile</translation>
    </message>
    <message>
        <source>What changed? One sentence a line; empty for any change</source>
        <translation>Was hat sich verändert? Ein Satz je Zeile; leer für jede Veränderung</translation>
    </message>
    <message>
        <source>What the map shows</source>
        <translation>Was die Karte zeigt</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Wo</translation>
    </message>
    <message>
        <source>Whole overlap of both</source>
        <translation>Ganze Überlappung beider</translation>
    </message>
    <message>
        <source>Zoom to all</source>
        <translation>Auf alle zoomen</translation>
    </message>
    <message>
        <source>accepted</source>
        <translation>angenommen</translation>
    </message>
    <message>
        <source>after</source>
        <translation>nachher</translation>
    </message>
    <message>
        <source>and {} more</source>
        <translation>und {} weitere</translation>
    </message>
    <message>
        <source>any change</source>
        <translation>jede Veränderung</translation>
    </message>
    <message>
        <source>before</source>
        <translation>vorher</translation>
    </message>
    <message>
        <source>edited</source>
        <translation>bearbeitet</translation>
    </message>
    <message>
        <source>editing the shape: E ends, Esc puts it back</source>
        <translation>Form wird bearbeitet: E beendet, Esc stellt sie wieder her</translation>
    </message>
    <message>
        <source>ended with code {}</source>
        <translation>endete mit Code {}</translation>
    </message>
    <message>
        <source>houses built since 2016</source>
        <translation>houses built since 2016</translation>
    </message>
    <message>
        <source>in {}</source>
        <translation>in {}</translation>
    </message>
    <message>
        <source>leave empty to use the network</source>
        <translation>leer lassen, um das Netz zu benutzen</translation>
    </message>
    <message>
        <source>mtrs-geo is not installed in its Python.</source>
        <translation>mtrs-geo ist in seinem Python nicht installiert.</translation>
    </message>
    <message>
        <source>none found</source>
        <translation>keines gefunden</translation>
    </message>
    <message>
        <source>not decided</source>
        <translation>nicht entschieden</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>abgelehnt</translation>
    </message>
    <message>
        <source>temporary file</source>
        <translation>temporäre Datei</translation>
    </message>
    <message>
        <source>torch and torchvision are not of one build: take both from the same place, and create the environment again.</source>
        <translation>torch und torchvision sind nicht aus einem Guss: beide von derselben Stelle nehmen und die Umgebung neu anlegen.</translation>
    </message>
    <message>
        <source>undefined</source>
        <translation>nicht definiert</translation>
    </message>
    <message>
        <source>unknown reason</source>
        <translation>unbekannter Grund</translation>
    </message>
    <message>
        <source>was killed or crashed</source>
        <translation>wurde beendet oder ist abgestürzt</translation>
    </message>
    <message>
        <source>{:,.0f} m²</source>
        <translation>{:,.0f} m²</translation>
    </message>
    <message>
        <source>{:,} polygons</source>
        <translation>{:,} Polygone</translation>
    </message>
    <message>
        <source>{accepted} accepted · {rejected} rejected · {edited} edited · {open} open</source>
        <translation>{accepted} angenommen · {rejected} abgelehnt · {edited} bearbeitet · {open} offen</translation>
    </message>
    <message>
        <source>{} and {} more</source>
        <translation>{} und {} weitere</translation>
    </message>
    <message>
        <source>{} cannot be opened: was it moved, or is it open elsewhere?</source>
        <translation>{} lässt sich nicht öffnen: Wurde die Datei verschoben, oder ist sie anderswo geöffnet?</translation>
    </message>
    <message>
        <source>{} cannot be read.</source>
        <translation>{} kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>{} cannot be started.</source>
        <translation>{} kann nicht gestartet werden.</translation>
    </message>
    <message>
        <source>{} cannot be written: check the file's permissions and the disk.</source>
        <translation>{} kann nicht geschrieben werden: die Rechte der Datei und die Platte prüfen.</translation>
    </message>
    <message>
        <source>{} could not be exported (error {}).</source>
        <translation>{} konnte nicht exportiert werden (Fehler {}).</translation>
    </message>
    <message>
        <source>{} could not be written: {}</source>
        <translation>{} konnte nicht geschrieben werden: {}</translation>
    </message>
    <message>
        <source>{} does not reach the extent.</source>
        <translation>{} reicht nicht bis in die Ausdehnung.</translation>
    </message>
    <message>
        <source>{} h {} min</source>
        <translation>{} h {} min</translation>
    </message>
    <message>
        <source>{} has no column “query”: choose a layer that a detection made.</source>
        <translation>{} hat keine Spalte „query“: einen Layer wählen, den eine Suche angelegt hat.</translation>
    </message>
    <message>
        <source>{} has no pixel size of its own: give one for exported layers.</source>
        <translation>{} hat keine eigene Pixelgröße: eine für exportierte Layer angeben.</translation>
    </message>
    <message>
        <source>{} has no polygon here.</source>
        <translation>{} hat hier kein Polygon.</translation>
    </message>
    <message>
        <source>{} holds no polygon.</source>
        <translation>{} enthält kein Polygon.</translation>
    </message>
    <message>
        <source>{} holds no polygons: choose a layer of changes.</source>
        <translation>{} enthält keine Polygone: einen Layer mit Veränderungen wählen.</translation>
    </message>
    <message>
        <source>{} is being edited or cannot be: save or discard that first.</source>
        <translation>{} wird bearbeitet oder kann es nicht werden: das zuerst speichern oder verwerfen.</translation>
    </message>
    <message>
        <source>{} is being edited: save or discard that first.</source>
        <translation>{} wird bearbeitet: das zuerst speichern oder verwerfen.</translation>
    </message>
    <message>
        <source>{} is no file on this computer: give the extent to look at.</source>
        <translation>{} ist keine Datei auf diesem Rechner: die Ausdehnung angeben, die betrachtet werden soll.</translation>
    </message>
    <message>
        <source>{} left</source>
        <translation>noch {}</translation>
    </message>
    <message>
        <source>{} min</source>
        <translation>{} min</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} von {}</translation>
    </message>
    <message>
        <source>{} of {} tiles</source>
        <translation>{} von {} Kacheln</translation>
    </message>
    <message>
        <source>{} pairs with {} sentences, {} of them without target</source>
        <translation>{} Paare mit {} Sätzen, {} davon ohne Ziel</translation>
    </message>
    <message>
        <source>{} polygons in {:.1f} s</source>
        <translation>{} Polygone in {:.1f} s</translation>
    </message>
    <message>
        <source>{} polygons of {} cross themselves and were repaired for this run.</source>
        <translation>{} Polygone von {} überschneiden sich selbst und wurden für diesen Lauf repariert.</translation>
    </message>
    <message>
        <source>{} rasters were given with {} dates: give one date a raster.</source>
        <translation>{} Raster wurden mit {} Daten angegeben: ein Datum je Raster angeben.</translation>
    </message>
    <message>
        <source>{} s</source>
        <translation>{} s</translation>
    </message>
    <message>
        <source>{} sentences of tiles were left out: not all of their polygons are reviewed</source>
        <translation>{} Sätze von Kacheln blieben weg: nicht alle ihrer Polygone sind geprüft</translation>
    </message>
    <message>
        <source>{} would be exported with {:.0f} million pixels: choose a smaller extent.</source>
        <translation>{} würde mit {:.0f} Millionen Pixeln exportiert: eine kleinere Ausdehnung wählen.</translation>
    </message>
    <message>
        <source>{} …</source>
        <translation>{} …</translation>
    </message>
    <message>
        <source>{}: {} polygons found by {} in {:.1f} s</source>
        <translation>{}: {} Polygone, gefunden von {} in {:.1f} s</translation>
    </message>
    <message>
        <source>… and {} more warnings</source>
        <translation>… und {} weitere Warnungen</translation>
    </message>
</context>
</TS>

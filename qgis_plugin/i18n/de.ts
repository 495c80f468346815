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
        <source>A package that mtrs-geo needs is not installed.</source>
        <translation>Ein Paket, das mtrs-geo braucht, ist nicht installiert.</translation>
    </message>
    <message>
        <source>A proxy replaces certificates. Add the proxy's certificate to pip's configuration, or install from a folder of wheels.</source>
        <translation>Ein Proxy ersetzt Zertifikate. Fügen Sie das Zertifikat des Proxys zur Konfiguration von pip hinzu oder installieren Sie aus einem Ordner mit Wheels.</translation>
    </message>
    <message>
        <source>A review needs a GeoPackage, but the format of {} is {}. Click “Save as GeoPackage…”, or right-click the layer, export it with Export &gt; Save Features As… &gt; GeoPackage and choose the copy.</source>
        <translation>Eine Prüfung braucht ein GeoPackage, aber das Format von {} ist {}. Klicken Sie auf „Als GeoPackage speichern…“. Oder klicken Sie mit der rechten Maustaste auf den Layer, exportieren Sie ihn mit Export &gt; Objekte speichern als… &gt; GeoPackage und wählen Sie die Kopie.</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>Annehmen</translation>
    </message>
    <message>
        <source>Add the probability raster</source>
        <translation>Wahrscheinlichkeitsraster hinzufügen</translation>
    </message>
    <message>
        <source>After</source>
        <translation>Nachher</translation>
    </message>
    <message>
        <source>All polygons of the layer</source>
        <translation>Alle Polygone des Layers</translation>
    </message>
    <message>
        <source>An environment needs about {} GB ({}); {} GB are free in {}.</source>
        <translation>Eine Umgebung braucht etwa {} GB ({}); {} GB sind frei in {}.</translation>
    </message>
    <message>
        <source>An input layer was removed during the run: the dates cannot be compared.</source>
        <translation>Ein Eingabelayer wurde während des Laufs entfernt: Die Zeitpunkte lassen sich nicht vergleichen.</translation>
    </message>
    <message>
        <source>Answer also sentences that are not understood</source>
        <translation>Auch Sätze beantworten, die nicht verstanden werden</translation>
    </message>
    <message>
        <source>Answer anyway</source>
        <translation>Trotzdem antworten</translation>
    </message>
    <message>
        <source>Answer sentences that are not understood</source>
        <translation>Sätze beantworten, die nicht verstanden werden</translation>
    </message>
    <message>
        <source>Appeared</source>
        <translation>Entstanden</translation>
    </message>
    <message>
        <source>Area (m²)</source>
        <translation>Fläche (m²)</translation>
    </message>
    <message>
        <source>Area of interest</source>
        <translation>Untersuchungsgebiet</translation>
    </message>
    <message>
        <source>Ask without the negation: “{}”. No polygons are a no.</source>
        <translation>Fragen Sie ohne die Verneinung: „{}“. Keine Polygone heißen nein.</translation>
    </message>
    <message>
        <source>Batch over a table</source>
        <translation>Stapelverarbeitung einer Tabelle</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Vorher</translation>
    </message>
    <message>
        <source>Before and after are the same layer. Choose two different layers.</source>
        <translation>Vorher und Nachher sind derselbe Layer. Wählen Sie zwei verschiedene Layer.</translation>
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
        <source>Checkout of mtrs-geo</source>
        <translation>Quellordner von mtrs-geo</translation>
    </message>
    <message>
        <source>Choose a layer of changes.</source>
        <translation>Wählen Sie einen Layer mit Veränderungen.</translation>
    </message>
    <message>
        <source>Choose a layer.</source>
        <translation>Wählen Sie einen Layer.</translation>
    </message>
    <message>
        <source>Choose two raster layers of the same place.</source>
        <translation>Wählen Sie zwei Rasterlayer desselben Ortes.</translation>
    </message>
    <message>
        <source>Clear decision</source>
        <translation>Entscheidung löschen</translation>
    </message>
    <message>
        <source>Click a polygon, then drag the line between the dates</source>
        <translation>Klicken Sie auf ein Polygon, ziehen Sie dann die Linie zwischen den Zeitpunkten</translation>
    </message>
    <message>
        <source>Column with the raster after</source>
        <translation>Spalte mit dem Raster nachher</translation>
    </message>
    <message>
        <source>Column with the raster before</source>
        <translation>Spalte mit dem Raster vorher</translation>
    </message>
    <message>
        <source>Column with the sentence</source>
        <translation>Spalte mit dem Satz</translation>
    </message>
    <message>
        <source>Command to install manually</source>
        <translation>Befehl zur Installation</translation>
    </message>
    <message>
        <source>Compare on the map</source>
        <translation>Auf der Karte vergleichen</translation>
    </message>
    <message>
        <source>Compares detected polygons with reference polygons by their area on the ground. Returns precision, recall, F1 and IoU. The layers may have different CRSs.</source>
        <translation>Vergleicht gefundene Polygone mit Referenzpolygonen nach ihrer Fläche am Boden. Liefert Genauigkeit (precision), Trefferquote (recall), F1 und IoU. Die Layer dürfen verschiedene KBS haben.</translation>
    </message>
    <message>
        <source>Copy diagnostics</source>
        <translation>Diagnose kopieren</translation>
    </message>
    <message>
        <source>Correct the shift between the dates</source>
        <translation>Verschiebung zwischen den Zeitpunkten korrigieren</translation>
    </message>
    <message>
        <source>Create environment</source>
        <translation>Umgebung anlegen</translation>
    </message>
    <message>
        <source>Create the wheels on a computer with a network connection, with the same operating system and the same Python version:</source>
        <translation>Erzeugen Sie die Wheels auf einem Rechner mit Netzverbindung, mit demselben Betriebssystem und derselben Python-Version:</translation>
    </message>
    <message>
        <source>Creating the environment</source>
        <translation>Umgebung wird angelegt</translation>
    </message>
    <message>
        <source>Creating {}…</source>
        <translation>{} wird angelegt…</translation>
    </message>
    <message>
        <source>Cuts both rasters into tiles and writes a project file with one item per sentence and tile. Rejected polygons are left out. Several people can then accept, reject and mend the items in a browser: run “mtrs-geo craft audit” with the file. “mtrs-geo craft export --format geopackage” writes what was accepted as a layer.</source>
        <translation>Zerlegt beide Raster in Kacheln und schreibt eine Projektdatei mit einem Eintrag je Satz und Kachel. Abgelehnte Polygone werden ausgelassen. Mehrere Personen können die Einträge dann im Browser annehmen, ablehnen und verbessern: „mtrs-geo craft audit“ mit der Datei aufrufen. „mtrs-geo craft export --format geopackage“ schreibt das Angenommene als Layer.</translation>
    </message>
    <message>
        <source>Cuts both rasters into tiles and writes one mask per sentence, in the layout of MTRefSeg-21K. Accepted and edited polygons are the target. If all polygons of a sentence in a tile are rejected, the mask is empty. If one of them is not reviewed, the sentence is left out of this tile. “mtrs-geo evaluate” and the training commands read the folder.</source>
        <translation>Schneidet beide Raster in Kacheln und schreibt eine Maske je Satz, im Aufbau von MTRefSeg-21K. Angenommene und bearbeitete Polygone sind das Ziel. Wenn alle Polygone eines Satzes in einer Kachel abgelehnt sind, ist die Maske leer. Wenn eines davon nicht geprüft ist, fehlt der Satz in dieser Kachel. „mtrs-geo evaluate“ und die Trainingsbefehle lesen den Ordner.</translation>
    </message>
    <message>
        <source>Dates (2016-05-01, 2018, …); empty for those of the layers</source>
        <translation>Datumsangaben (2016-05-01, 2018, …); leer für die der Layer</translation>
    </message>
    <message>
        <source>Dates: {}</source>
        <translation>Datumsangaben: {}</translation>
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
        <source>Detected polygons</source>
        <translation>Gefundene Polygone</translation>
    </message>
    <message>
        <source>Detects changes between each two consecutive dates of the same place. Order the rasters from the earliest to the latest, or enter their dates: then the algorithm sorts the rasters by date. “first-last” compares the first and the last date only, “all” each two dates.</source>
        <translation>Findet Veränderungen zwischen je zwei aufeinanderfolgenden Zeitpunkten desselben Ortes. Ordnen Sie die Raster vom frühesten zum spätesten, oder geben Sie die Datumsangaben ein: Dann sortiert der Algorithmus die Raster nach Datum. „first-last“ vergleicht nur den ersten und den letzten Zeitpunkt, „all“ je zwei Zeitpunkte.</translation>
    </message>
    <message>
        <source>Detects the changes that a sentence describes between two rasters of the same place. The rasters may have different CRSs, pixel sizes and extents. Examples: “the three largest new buildings in the north-east”, “demolished buildings, except those smaller than 50 m²”. Sizes, positions and ranks refer to the whole scene. Layers that are not files on this computer are exported first, for the given extent.</source>
        <translation>Findet die Veränderungen, die ein Satz beschreibt, zwischen zwei Rastern desselben Ortes. Die Raster dürfen verschiedene KBS, Pixelgrößen und Ausdehnungen haben. Beispiele: „die drei größten neuen Gebäude im Nordosten“, „abgerissene Gebäude, außer denen kleiner als 50 m²“. Größen, Lagen und Ränge beziehen sich auf die ganze Szene. Layer, die keine Dateien auf diesem Rechner sind, werden zuerst für die angegebene Ausdehnung exportiert.</translation>
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
        <source>Disk</source>
        <translation>Speicherplatz</translation>
    </message>
    <message>
        <source>Draw a rectangle</source>
        <translation>Rechteck zeichnen</translation>
    </message>
    <message>
        <source>Draw a rectangle on the map.</source>
        <translation>Zeichnen Sie ein Rechteck auf der Karte.</translation>
    </message>
    <message>
        <source>Draw a rectangle, or choose another area.</source>
        <translation>Zeichnen Sie ein Rechteck oder wählen Sie ein anderes Gebiet.</translation>
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
        <source>Empty: any change is detected.</source>
        <translation>Leer: Jede Veränderung wird gefunden.</translation>
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
        <source>Extent of the layer: {}</source>
        <translation>Ausdehnung des Layers: {}</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Folder of wheels</source>
        <translation>Ordner mit Wheels</translation>
    </message>
    <message>
        <source>Go on where the run ended, with the same input</source>
        <translation>Dort weitermachen, wo der Lauf geendet hat, mit derselben Eingabe</translation>
    </message>
    <message>
        <source>Go on with an interrupted run of the same output</source>
        <translation>Einen unterbrochenen Lauf derselben Ausgabe fortsetzen</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Images may not show what “{}” says, as it tells of use or repair. Taken as: “{}”.</source>
        <translation>Was „{}“ sagt, zeigen Bilder vielleicht nicht, denn es geht um Nutzung oder Instandsetzung. Verstanden als: „{}“.</translation>
    </message>
    <message>
        <source>Install Python's venv (Debian, Ubuntu: apt install python3-venv).</source>
        <translation>Installieren Sie venv für Python (Debian, Ubuntu: apt install python3-venv).</translation>
    </message>
    <message>
        <source>Install mtrs-geo from</source>
        <translation>mtrs-geo installieren aus</translation>
    </message>
    <message>
        <source>Installing OpenVINO</source>
        <translation>OpenVINO wird installiert</translation>
    </message>
    <message>
        <source>Installing mtrs-geo</source>
        <translation>mtrs-geo wird installiert</translation>
    </message>
    <message>
        <source>Installing the CPU build of PyTorch</source>
        <translation>PyTorch für die CPU wird installiert</translation>
    </message>
    <message>
        <source>It works.</source>
        <translation>Es funktioniert.</translation>
    </message>
    <message>
        <source>Keep sentences with scene rules (size, position, rank)</source>
        <translation>Sätze mit Szenenregeln behalten (Größe, Lage, Rang)</translation>
    </message>
    <message>
        <source>Keep the rows that are done in the folder, and go on</source>
        <translation>Fertige Zeilen im Ordner behalten und weitermachen</translation>
    </message>
    <message>
        <source>Looking for a CPU build of {}</source>
        <translation>{} für die CPU wird gesucht</translation>
    </message>
    <message>
        <source>Map extent</source>
        <translation>Kartenausschnitt</translation>
    </message>
    <message>
        <source>Maximum probability</source>
        <translation>Höchste Wahrscheinlichkeit</translation>
    </message>
    <message>
        <source>Mean probability</source>
        <translation>Mittlere Wahrscheinlichkeit</translation>
    </message>
    <message>
        <source>Minimum area</source>
        <translation>Mindestfläche</translation>
    </message>
    <message>
        <source>Minimum area of a polygon (m²)</source>
        <translation>Mindestfläche eines Polygons (m²)</translation>
    </message>
    <message>
        <source>Minimum probability of a changed pixel</source>
        <translation>Mindestwahrscheinlichkeit eines veränderten Pixels</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Model (a name or a model folder)</source>
        <translation>Modell (ein Name oder ein Modellordner)</translation>
    </message>
    <message>
        <source>Model: {}</source>
        <translation>Modell: {}</translation>
    </message>
    <message>
        <source>Name of a model, or folder of your own model</source>
        <translation>Name eines Modells oder Ordner Ihres eigenen Modells</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>No CPU build of {} was found.</source>
        <translation>{} für die CPU wurde nicht gefunden.</translation>
    </message>
    <message>
        <source>No Python 3.11 or newer was found. Install Python 3.11 or newer.</source>
        <translation>Kein Python 3.11 oder neuer wurde gefunden. Installieren Sie Python 3.11 oder neuer.</translation>
    </message>
    <message>
        <source>No Python with mtrs-geo was found.</source>
        <translation>Kein Python mit mtrs-geo wurde gefunden.</translation>
    </message>
    <message>
        <source>No history yet</source>
        <translation>Noch kein Verlauf</translation>
    </message>
    <message>
        <source>No matching changes were found</source>
        <translation>Keine passenden Veränderungen gefunden</translation>
    </message>
    <message>
        <source>No sentence was answered</source>
        <translation>Kein Satz wurde beantwortet</translation>
    </message>
    <message>
        <source>Not answered: {}</source>
        <translation>Nicht beantwortet: {}</translation>
    </message>
    <message>
        <source>Not translated and without effect: {}.</source>
        <translation>Nicht übersetzt und ohne Wirkung: {}.</translation>
    </message>
    <message>
        <source>Not translated: {}. Write the sentence in English, or in words such as “{}”.</source>
        <translation>Nicht übersetzt: {}. Schreiben Sie den Satz auf Englisch oder mit Wörtern wie „{}“.</translation>
    </message>
    <message>
        <source>Not used: {}.</source>
        <translation>Nicht verwendet: {}.</translation>
    </message>
    <message>
        <source>Nothing is both “{}” and “{}”, so the answer is empty.</source>
        <translation>Nichts ist zugleich „{}“ und „{}“, daher ist die Antwort leer.</translation>
    </message>
    <message>
        <source>Number of items</source>
        <translation>Anzahl der Einträge</translation>
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
        <source>Number of sentences that were not answered</source>
        <translation>Anzahl der Sätze, die nicht beantwortet wurden</translation>
    </message>
    <message>
        <source>Number of sentences without a target</source>
        <translation>Anzahl der Sätze ohne Ziel</translation>
    </message>
    <message>
        <source>One sentence per line; empty for any change</source>
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
        <source>OpenVINO was not installed. Runs on the CPU work, but are slower.</source>
        <translation>OpenVINO wurde nicht installiert. Läufe auf der CPU funktionieren, sind aber langsamer.</translation>
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
        <source>Overlap of both layers</source>
        <translation>Überlappung beider Layer</translation>
    </message>
    <message>
        <source>Package index</source>
        <translation>Paketindex</translation>
    </message>
    <message>
        <source>Pairs of dates</source>
        <translation>Paare von Zeitpunkten</translation>
    </message>
    <message>
        <source>Pass the sentence to the model unchanged</source>
        <translation>Den Satz unverändert an das Modell übergeben</translation>
    </message>
    <message>
        <source>Perimeter (m)</source>
        <translation>Umfang (m)</translation>
    </message>
    <message>
        <source>Pixel size for layers that are not files on this computer</source>
        <translation>Pixelgröße für Layer, die keine Dateien auf diesem Rechner sind</translation>
    </message>
    <message>
        <source>Pixel size of exported web layers (m)</source>
        <translation>Pixelgröße exportierter Web-Layer (m)</translation>
    </message>
    <message>
        <source>Pixel size, web layers</source>
        <translation>Pixelgröße, Web-Layer</translation>
    </message>
    <message>
        <source>Pixels of {} m are too coarse for “{}”. Use images with pixels of at most {} m.</source>
        <translation>Pixel von {} m sind zu grob für „{}“. Nehmen Sie Bilder mit Pixeln von höchstens {} m.</translation>
    </message>
    <message>
        <source>Polygons with sentences</source>
        <translation>Polygone mit Sätzen</translation>
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
        <source>Probability: {}</source>
        <translation>Wahrscheinlichkeit: {}</translation>
    </message>
    <message>
        <source>Project file</source>
        <translation>Projektdatei</translation>
    </message>
    <message>
        <source>Project files (*.db)</source>
        <translation>Projektdateien (*.db)</translation>
    </message>
    <message>
        <source>PyTorch with CUDA for the NVIDIA GPU</source>
        <translation>PyTorch mit CUDA für die NVIDIA-GPU</translation>
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
        <translation>Raster, frühestes zuerst</translation>
    </message>
    <message>
        <source>Reference polygons</source>
        <translation>Referenzpolygone</translation>
    </message>
    <message>
        <source>Reject</source>
        <translation>Ablehnen</translation>
    </message>
    <message>
        <source>Replace the contents of the folder</source>
        <translation>Inhalt des Ordners ersetzen</translation>
    </message>
    <message>
        <source>Report of the worker (JSON)</source>
        <translation>Bericht des Arbeitsprozesses (JSON)</translation>
    </message>
    <message>
        <source>Restore shape</source>
        <translation>Form wiederherstellen</translation>
    </message>
    <message>
        <source>Result per row</source>
        <translation>Ergebnis je Zeile</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Review changes</source>
        <translation>Veränderungen prüfen</translation>
    </message>
    <message>
        <source>Review changes on the map</source>
        <translation>Veränderungen auf der Karte prüfen</translation>
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
        <translation>Fehlgeschlagene Zeilen</translation>
    </message>
    <message>
        <source>Run again. A new worker is started.</source>
        <translation>Starten Sie den Lauf erneut. Ein neuer Arbeitsprozess wird gestartet.</translation>
    </message>
    <message>
        <source>Runs one detection per row of a table: that of “mtrs-geo batch”. Two columns contain the paths of the rasters, one column contains the sentence, or several sentences separated by |. A column with the name of an option (id, aoi, threshold, min_area_m2 …) replaces the option of this dialog for its row. Relative paths start at the folder of the table. Each row writes a GeoPackage into the folder. The output table lists the number of polygons of each row, why a sentence was not answered, or the error. A failed row does not stop the other rows. A cancelled run keeps the rows that are done: run it again to go on.</source>
        <translation>Führt für jede Zeile einer Tabelle eine Erkennung aus: es ist die Tabelle von „mtrs-geo batch“. Zwei Spalten enthalten die Pfade der Raster, eine Spalte enthält den Satz oder mehrere Sätze, getrennt durch |. Eine Spalte mit dem Namen einer Option (id, aoi, threshold, min_area_m2 …) ersetzt für ihre Zeile die Option dieses Dialogs. Relative Pfade beginnen im Ordner der Tabelle. Jede Zeile schreibt ein GeoPackage in den Ordner. Die Ausgabetabelle nennt die Zahl der Polygone jeder Zeile, warum ein Satz nicht beantwortet wurde, oder den Fehler. Eine fehlgeschlagene Zeile hält die anderen Zeilen nicht auf. Ein abgebrochener Lauf behält die fertigen Zeilen: Starten Sie ihn erneut, um weiterzumachen.</translation>
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
        <source>Save the polygons to</source>
        <translation>Polygone speichern in</translation>
    </message>
    <message>
        <source>Save to</source>
        <translation>Speichern in</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>Trefferwahrscheinlichkeit</translation>
    </message>
    <message>
        <source>Score {}</source>
        <translation>Wahrscheinlichkeit {}</translation>
    </message>
    <message>
        <source>See the log for the cause. You can also run the command in a terminal.</source>
        <translation>Die Ursache steht im Protokoll. Sie können den Befehl auch in einem Terminal ausführen.</translation>
    </message>
    <message>
        <source>Select a Python or create an environment in Settings &gt; Options &gt; MTRS-Geo.</source>
        <translation>Wählen Sie ein Python oder legen Sie eine Umgebung an: Einstellungen &gt; Optionen &gt; MTRS-Geo.</translation>
    </message>
    <message>
        <source>Select another Python in Settings &gt; Options &gt; MTRS-Geo.</source>
        <translation>Wählen Sie ein anderes Python: Einstellungen &gt; Optionen &gt; MTRS-Geo.</translation>
    </message>
    <message>
        <source>Selected polygons, else all polygons, else the extent</source>
        <translation>Gewählte Polygone, sonst alle Polygone, sonst die Ausdehnung</translation>
    </message>
    <message>
        <source>Selected polygons: {}</source>
        <translation>Gewählte Polygone: {}</translation>
    </message>
    <message>
        <source>Send polygons to audit</source>
        <translation>Polygone zur Prüfung senden</translation>
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
        <source>Shortcut in the sentence field: Ctrl+Enter</source>
        <translation>Tastenkürzel im Satzfeld: Strg+Eingabe</translation>
    </message>
    <message>
        <source>Simplification tolerance (m); empty for one pixel</source>
        <translation>Toleranz der Vereinfachung (m); leer für ein Pixel</translation>
    </message>
    <message>
        <source>Split the table or the sentences, and run the parts one by one.</source>
        <translation>Teilen Sie die Tabelle oder die Sätze, und führen Sie die Teile nacheinander aus.</translation>
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
        <source>Stopped by the user.</source>
        <translation>Vom Benutzer angehalten.</translation>
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
        <source>Take missing packages from the package index</source>
        <translation>Fehlende Pakete aus dem Paketindex nehmen</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Testen</translation>
    </message>
    <message>
        <source>Testing the environment</source>
        <translation>Umgebung wird getestet</translation>
    </message>
    <message>
        <source>Testing…</source>
        <translation>Wird getestet…</translation>
    </message>
    <message>
        <source>The CPU build was not installed. The next step installs the default build.</source>
        <translation>PyTorch für die CPU wurde nicht installiert. Der nächste Schritt installiert die Standardversion.</translation>
    </message>
    <message>
        <source>The condition “{}” has no effect.</source>
        <translation>Die Bedingung „{}“ hat keine Wirkung.</translation>
    </message>
    <message>
        <source>The decision could not be saved in {} ({}). Check that the file is writable.</source>
        <translation>Die Entscheidung konnte in {} nicht gespeichert werden ({}). Prüfen Sie, ob die Datei beschreibbar ist.</translation>
    </message>
    <message>
        <source>The disk is full. mtrs-geo with PyTorch needs about {} GB.</source>
        <translation>Der Datenträger ist voll. mtrs-geo mit PyTorch braucht etwa {} GB.</translation>
    </message>
    <message>
        <source>The environment is ready.</source>
        <translation>Die Umgebung ist bereit.</translation>
    </message>
    <message>
        <source>The extent has no position in the CRS of {} ({}). Choose another extent.</source>
        <translation>Die Ausdehnung hat keine Lage im KBS von {} ({}). Wählen Sie eine andere Ausdehnung.</translation>
    </message>
    <message>
        <source>The extent is empty. Choose another extent, or a layer that is not empty.</source>
        <translation>Die Ausdehnung ist leer. Wählen Sie eine andere Ausdehnung oder einen Layer, der nicht leer ist.</translation>
    </message>
    <message>
        <source>The first years of this time are not shown.</source>
        <translation>Die ersten Jahre dieses Zeitraums sind nicht zu sehen.</translation>
    </message>
    <message>
        <source>The input is too long for one run: more than {} MB of text.</source>
        <translation>Die Eingabe ist zu lang für einen Lauf: mehr als {} MB Text.</translation>
    </message>
    <message>
        <source>The last years of this time are not shown.</source>
        <translation>Die letzten Jahre dieses Zeitraums sind nicht zu sehen.</translation>
    </message>
    <message>
        <source>The model does not find “{}” by itself. Leave it out, or draw an area of interest around it. The command line takes it as a layer (--reference).</source>
        <translation>Das Modell findet „{}“ nicht von selbst. Lassen Sie es weg oder zeichnen Sie das Untersuchungsgebiet darum. Die Kommandozeile nimmt es als Layer (--reference).</translation>
    </message>
    <message>
        <source>The model does not know “{}”. It knows {}. Ask for one of these, use a model that was fine-tuned for it, or tick “Answer anyway” in the options.</source>
        <translation>Das Modell kennt „{}“ nicht. Es kennt: {}. Fragen Sie nach einem davon, nehmen Sie ein Modell, das dafür nachtrainiert wurde, oder wählen Sie unter Einstellungen „Trotzdem antworten“.</translation>
    </message>
    <message>
        <source>The nodata values of {} in QGIS have no effect: a run knows one value per band, and no ranges. Write the raster without these pixels first.</source>
        <translation>Die Nodata-Werte von {} in QGIS haben keine Wirkung: Ein Lauf kennt einen Wert pro Kanal und keine Bereiche. Schreiben Sie das Raster vorher ohne diese Pixel.</translation>
    </message>
    <message>
        <source>The nodata values of {} in QGIS have no effect: its file has a mask.</source>
        <translation>Die Nodata-Werte von {} in QGIS haben keine Wirkung: Seine Datei hat eine Maske.</translation>
    </message>
    <message>
        <source>The number “{}” has no effect: everything that is found is shown. Read as: “{}”.</source>
        <translation>Die Zahl „{}“ hat keine Wirkung: Alles Gefundene wird gezeigt. Gelesen als: „{}“.</translation>
    </message>
    <message>
        <source>The profile folder is not writable. Check its permissions.</source>
        <translation>Der Profilordner ist nicht beschreibbar. Prüfen Sie seine Zugriffsrechte.</translation>
    </message>
    <message>
        <source>The project has results of earlier runs.</source>
        <translation>Das Projekt enthält Ergebnisse früherer Läufe.</translation>
    </message>
    <message>
        <source>The project was closed during the run. The polygons are in {}.</source>
        <translation>Das Projekt wurde während des Laufs geschlossen. Die Polygone sind in {}.</translation>
    </message>
    <message>
        <source>The proxy refused the connection. Check Settings &gt; Options &gt; Network.</source>
        <translation>Der Proxy hat die Verbindung abgelehnt. Prüfen Sie Einstellungen &gt; Optionen &gt; Netzwerk.</translation>
    </message>
    <message>
        <source>The question with “{}” is not answered. The polygons are those of “{}”.</source>
        <translation>Die Frage mit „{}“ wird nicht beantwortet. Die Polygone sind die von „{}“.</translation>
    </message>
    <message>
        <source>The rasters are from {}, but “{}” is asked for.</source>
        <translation>Die Raster sind von {}, gefragt ist aber „{}“.</translation>
    </message>
    <message>
        <source>The rasters are from {}; all are earlier than “{}”.</source>
        <translation>Die Raster sind von {}; alle sind früher als „{}“.</translation>
    </message>
    <message>
        <source>The rasters are from {}; all are later than “{}”.</source>
        <translation>Die Raster sind von {}; alle sind später als „{}“.</translation>
    </message>
    <message>
        <source>The rasters that {} compares are no longer in the project. Add them again.</source>
        <translation>Die Raster, die {} vergleicht, sind nicht mehr im Projekt. Fügen Sie sie wieder hinzu.</translation>
    </message>
    <message>
        <source>The review columns could not be added to {} ({}). Check that it is writable.</source>
        <translation>Die Spalten der Prüfung konnten nicht zu {} hinzugefügt werden ({}). Prüfen Sie, ob die Datei beschreibbar ist.</translation>
    </message>
    <message>
        <source>The rows that are done are kept. Run again to go on.</source>
        <translation>Die fertigen Zeilen bleiben erhalten. Starten Sie erneut, um weiterzumachen.</translation>
    </message>
    <message>
        <source>The run failed. See the Log Messages panel.</source>
        <translation>Der Lauf ist fehlgeschlagen. Siehe das Bedienfeld Protokollnachrichten.</translation>
    </message>
    <message>
        <source>The run was cancelled.</source>
        <translation>Der Lauf wurde abgebrochen.</translation>
    </message>
    <message>
        <source>The run was cancelled. What was done is kept.</source>
        <translation>Der Lauf wurde abgebrochen. Was fertig ist, bleibt erhalten.</translation>
    </message>
    <message>
        <source>The sentence has a negation that is not understood. Ask for the change itself, or write “except …” for what to leave out.</source>
        <translation>Der Satz enthält eine Verneinung, die nicht verstanden wird. Fragen Sie nach der Veränderung selbst oder schreiben Sie „außer …“ für das, was fehlen soll.</translation>
    </message>
    <message>
        <source>The sentence was not answered</source>
        <translation>Der Satz wurde nicht beantwortet</translation>
    </message>
    <message>
        <source>The shape could not be saved: {}. The edit stays in the edit buffer. Try again.</source>
        <translation>Die Form konnte nicht gespeichert werden: {}. Die Änderung bleibt im Bearbeitungspuffer. Versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>The table has no column {}. Choose an existing column.</source>
        <translation>Die Tabelle hat keine Spalte {}. Wählen Sie eine vorhandene Spalte.</translation>
    </message>
    <message>
        <source>The table has no row.</source>
        <translation>Die Tabelle hat keine Zeile.</translation>
    </message>
    <message>
        <source>The test failed. See the report below.</source>
        <translation>Der Test ist fehlgeschlagen. Siehe den Bericht unten.</translation>
    </message>
    <message>
        <source>The wheel is for another Python or another operating system. Select another one.</source>
        <translation>Das Wheel ist für ein anderes Python oder ein anderes Betriebssystem. Wählen Sie ein anderes.</translation>
    </message>
    <message>
        <source>The word “{}” is not known and has no effect. Without it: “{}”.</source>
        <translation>Das Wort „{}“ ist unbekannt und hat keine Wirkung. Ohne das Wort: „{}“.</translation>
    </message>
    <message>
        <source>The worker did not answer.</source>
        <translation>Der Arbeitsprozess hat nicht geantwortet.</translation>
    </message>
    <message>
        <source>The worker ended with code {}.</source>
        <translation>Der Arbeitsprozess endete mit Code {}.</translation>
    </message>
    <message>
        <source>The worker was closed.</source>
        <translation>Der Arbeitsprozess wurde geschlossen.</translation>
    </message>
    <message>
        <source>The worker was killed or crashed.</source>
        <translation>Der Arbeitsprozess wurde beendet oder ist abgestürzt.</translation>
    </message>
    <message>
        <source>There are {} rasters but {} dates. Enter one date per raster.</source>
        <translation>Es gibt {} Raster, aber {} Datumsangaben. Geben Sie ein Datum je Raster ein.</translation>
    </message>
    <message>
        <source>There is no network connection. Install from a folder of wheels.</source>
        <translation>Es gibt keine Netzverbindung. Installieren Sie aus einem Ordner mit Wheels.</translation>
    </message>
    <message>
        <source>This asks for what did not change, and no single kind of ground is named. Name one, for example “unchanged buildings”, or ask for what appeared or disappeared.</source>
        <translation>Das fragt nach dem, was sich nicht verändert hat, und nennt keine einzelne Art von Fläche. Nennen Sie eine, zum Beispiel „unveränderte Gebäude“, oder fragen Sie nach dem, was entstanden oder verschwunden ist.</translation>
    </message>
    <message>
        <source>This does not read as a question on a change of {}. Ask for one of these, or tick “Answer anyway” in the options.</source>
        <translation>Das liest sich nicht als Frage nach einer Veränderung von {}. Fragen Sie danach, oder wählen Sie unter Einstellungen „Trotzdem antworten“.</translation>
    </message>
    <message>
        <source>This is not a question about a change. Ask for a change, for example “new buildings” or “roads that were removed”.</source>
        <translation>Das ist keine Frage nach einer Veränderung. Fragen Sie nach einer Veränderung, zum Beispiel „neue Gebäude“ oder „verschwundene Straßen“.</translation>
    </message>
    <message>
        <source>This model seldom finds real changes of {} (IoU {} on real pairs), so an empty answer does not say that there are none.</source>
        <translation>Dieses Modell findet echte Änderungen selten ({}; IoU {} auf echten Paaren); eine leere Antwort heißt also nicht, dass es keine gibt.</translation>
    </message>
    <message>
        <source>This time cannot be separated from the years after.</source>
        <translation>Dieser Zeitraum lässt sich nicht von den Jahren danach trennen.</translation>
    </message>
    <message>
        <source>This time cannot be separated from the years before.</source>
        <translation>Dieser Zeitraum lässt sich nicht von den Jahren davor trennen.</translation>
    </message>
    <message>
        <source>This version of mtrs-geo needs another version of Python. The log names it.</source>
        <translation>Diese Version von mtrs-geo braucht eine andere Version von Python. Das Protokoll nennt sie.</translation>
    </message>
    <message>
        <source>This wording is not read with certainty. Taken as: “{}”. Ask so to be sure.</source>
        <translation>Diese Formulierung wird nicht sicher gelesen. Verstanden als: „{}“. Fragen Sie so, um sicher zu sein.</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>Schwellenwert</translation>
    </message>
    <message>
        <source>Tile size (pixels)</source>
        <translation>Kachelgröße (Pixel)</translation>
    </message>
    <message>
        <source>Total area of the polygons (m²)</source>
        <translation>Gesamtfläche der Polygone (m²)</translation>
    </message>
    <message>
        <source>Touches the edge</source>
        <translation>Berührt den Rand</translation>
    </message>
    <message>
        <source>Two kinds of ground are read in their order, as “{}”.</source>
        <translation>Zwei Arten von Boden werden in ihrer Reihenfolge gelesen, als „{}“.</translation>
    </message>
    <message>
        <source>Unchanged</source>
        <translation>Unverändert</translation>
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
        <source>What changed here?</source>
        <translation>Was hat sich hier verändert?</translation>
    </message>
    <message>
        <source>What changed?</source>
        <translation>Was hat sich verändert?</translation>
    </message>
    <message>
        <source>What changed? One sentence per line</source>
        <translation>Was hat sich verändert? Ein Satz je Zeile</translation>
    </message>
    <message>
        <source>What changed? One sentence per line; empty for any change</source>
        <translation>Was hat sich verändert? Ein Satz je Zeile; leer für jede Veränderung</translation>
    </message>
    <message>
        <source>What was done is kept in {}. To go on, run again with the same input and output and “Go on with an interrupted run of the same output”.</source>
        <translation>Was fertig ist, bleibt in {} erhalten. Um weiterzumachen, starten Sie erneut mit derselben Eingabe und Ausgabe und mit „Einen unterbrochenen Lauf derselben Ausgabe fortsetzen“.</translation>
    </message>
    <message>
        <source>Wheel of mtrs-geo</source>
        <translation>Wheel von mtrs-geo</translation>
    </message>
    <message>
        <source>Wheels</source>
        <translation>Wheels</translation>
    </message>
    <message>
        <source>Zoom to all changes</source>
        <translation>Alle Veränderungen zeigen</translation>
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
        <source>appeared</source>
        <translation>entstanden</translation>
    </message>
    <message>
        <source>at the edge of the image</source>
        <translation>am Rand des Bildes</translation>
    </message>
    <message>
        <source>bare ground</source>
        <translation>offener Boden</translation>
    </message>
    <message>
        <source>before</source>
        <translation>vorher</translation>
    </message>
    <message>
        <source>between {} and {} m²</source>
        <translation>zwischen {} und {} m²</translation>
    </message>
    <message>
        <source>buildings</source>
        <translation>Gebäude</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>verändert</translation>
    </message>
    <message>
        <source>disappeared</source>
        <translation>verschwunden</translation>
    </message>
    <message>
        <source>edited</source>
        <translation>bearbeitet</translation>
    </message>
    <message>
        <source>editing the shape: E ends, Esc restores</source>
        <translation>Form wird bearbeitet: E beendet, Esc stellt wieder her</translation>
    </message>
    <message>
        <source>except {}</source>
        <translation>außer {}</translation>
    </message>
    <message>
        <source>farther than {} m from “{}”</source>
        <translation>weiter als {} m von „{}“</translation>
    </message>
    <message>
        <source>from {} to {}</source>
        <translation>von {} bis {}</translation>
    </message>
    <message>
        <source>houses built since 2016</source>
        <translation>houses built since 2016</translation>
    </message>
    <message>
        <source>how many?</source>
        <translation>wie viele?</translation>
    </message>
    <message>
        <source>in the centre</source>
        <translation>in der Mitte</translation>
    </message>
    <message>
        <source>in the corners</source>
        <translation>in den Ecken</translation>
    </message>
    <message>
        <source>in the east</source>
        <translation>im Osten</translation>
    </message>
    <message>
        <source>in the last year</source>
        <translation>im letzten Jahr</translation>
    </message>
    <message>
        <source>in the last {} months</source>
        <translation>in den letzten {} Monaten</translation>
    </message>
    <message>
        <source>in the last {} years</source>
        <translation>in den letzten {} Jahren</translation>
    </message>
    <message>
        <source>in the middle of the east</source>
        <translation>in der Mitte des Ostens</translation>
    </message>
    <message>
        <source>in the middle of the north</source>
        <translation>in der Mitte des Nordens</translation>
    </message>
    <message>
        <source>in the middle of the south</source>
        <translation>in der Mitte des Südens</translation>
    </message>
    <message>
        <source>in the middle of the west</source>
        <translation>in der Mitte des Westens</translation>
    </message>
    <message>
        <source>in the north</source>
        <translation>im Norden</translation>
    </message>
    <message>
        <source>in the north-east</source>
        <translation>im Nordosten</translation>
    </message>
    <message>
        <source>in the north-west</source>
        <translation>im Nordwesten</translation>
    </message>
    <message>
        <source>in the south</source>
        <translation>im Süden</translation>
    </message>
    <message>
        <source>in the south-east</source>
        <translation>im Südosten</translation>
    </message>
    <message>
        <source>in the south-west</source>
        <translation>im Südwesten</translation>
    </message>
    <message>
        <source>in the west</source>
        <translation>im Westen</translation>
    </message>
    <message>
        <source>in {}</source>
        <translation>in {}</translation>
    </message>
    <message>
        <source>inside “{}”</source>
        <translation>innerhalb von „{}“</translation>
    </message>
    <message>
        <source>larger than {} m²</source>
        <translation>größer als {} m²</translation>
    </message>
    <message>
        <source>longer than {} m</source>
        <translation>länger als {} m</translation>
    </message>
    <message>
        <source>mtrs-geo is not installed in its Python environment.</source>
        <translation>mtrs-geo ist in seiner Python-Umgebung nicht installiert.</translation>
    </message>
    <message>
        <source>narrower than {} m</source>
        <translation>schmaler als {} m</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>no NVIDIA GPU found: PyTorch for the CPU and OpenVINO</source>
        <translation>keine NVIDIA-GPU gefunden: PyTorch für die CPU und OpenVINO</translation>
    </message>
    <message>
        <source>none found</source>
        <translation>keines gefunden</translation>
    </message>
    <message>
        <source>none: mtrs-geo is taken from the index</source>
        <translation>keiner: mtrs-geo kommt aus dem Paketindex</translation>
    </message>
    <message>
        <source>not answered</source>
        <translation>nicht beantwortet</translation>
    </message>
    <message>
        <source>not reviewed</source>
        <translation>nicht geprüft</translation>
    </message>
    <message>
        <source>on “{}”</source>
        <translation>auf „{}“</translation>
    </message>
    <message>
        <source>outside “{}”</source>
        <translation>außerhalb von „{}“</translation>
    </message>
    <message>
        <source>rank {}</source>
        <translation>Rang {}</translation>
    </message>
    <message>
        <source>ranks {} to {}</source>
        <translation>Ränge {} bis {}</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>abgelehnt</translation>
    </message>
    <message>
        <source>roads</source>
        <translation>Straßen</translation>
    </message>
    <message>
        <source>shorter than {} m</source>
        <translation>kürzer als {} m</translation>
    </message>
    <message>
        <source>since {}</source>
        <translation>seit {}</translation>
    </message>
    <message>
        <source>size unknown</source>
        <translation>Größe unbekannt</translation>
    </message>
    <message>
        <source>smaller than {} m²</source>
        <translation>kleiner als {} m²</translation>
    </message>
    <message>
        <source>temporary file</source>
        <translation>temporäre Datei</translation>
    </message>
    <message>
        <source>the easternmost</source>
        <translation>nur das östlichste</translation>
    </message>
    <message>
        <source>the farthest from “{}”</source>
        <translation>nur das von „{}“ am weitesten entfernte</translation>
    </message>
    <message>
        <source>the largest</source>
        <translation>nur das größte</translation>
    </message>
    <message>
        <source>the longest</source>
        <translation>nur das längste</translation>
    </message>
    <message>
        <source>the narrowest</source>
        <translation>nur das schmalste</translation>
    </message>
    <message>
        <source>the nearest to “{}”</source>
        <translation>nur das „{}“ nächste</translation>
    </message>
    <message>
        <source>the northernmost</source>
        <translation>nur das nördlichste</translation>
    </message>
    <message>
        <source>the server</source>
        <translation>der Server</translation>
    </message>
    <message>
        <source>the shortest</source>
        <translation>nur das kürzeste</translation>
    </message>
    <message>
        <source>the smallest</source>
        <translation>nur das kleinste</translation>
    </message>
    <message>
        <source>the southernmost</source>
        <translation>nur das südlichste</translation>
    </message>
    <message>
        <source>the westernmost</source>
        <translation>nur das westlichste</translation>
    </message>
    <message>
        <source>the widest</source>
        <translation>nur das breiteste</translation>
    </message>
    <message>
        <source>the {} easternmost</source>
        <translation>die {} östlichsten</translation>
    </message>
    <message>
        <source>the {} farthest from “{}”</source>
        <translation>die {} von „{}“ am weitesten entfernten</translation>
    </message>
    <message>
        <source>the {} largest</source>
        <translation>die {} größten</translation>
    </message>
    <message>
        <source>the {} longest</source>
        <translation>die {} längsten</translation>
    </message>
    <message>
        <source>the {} narrowest</source>
        <translation>die {} schmalsten</translation>
    </message>
    <message>
        <source>the {} nearest to “{}”</source>
        <translation>die {} „{}“ nächsten</translation>
    </message>
    <message>
        <source>the {} northernmost</source>
        <translation>die {} nördlichsten</translation>
    </message>
    <message>
        <source>the {} shortest</source>
        <translation>die {} kürzesten</translation>
    </message>
    <message>
        <source>the {} smallest</source>
        <translation>die {} kleinsten</translation>
    </message>
    <message>
        <source>the {} southernmost</source>
        <translation>die {} südlichsten</translation>
    </message>
    <message>
        <source>the {} westernmost</source>
        <translation>die {} westlichsten</translation>
    </message>
    <message>
        <source>the {} widest</source>
        <translation>die {} breitesten</translation>
    </message>
    <message>
        <source>torch and torchvision come from different builds. Take both from the same source and create the environment again.</source>
        <translation>torch und torchvision stammen aus verschiedenen Builds. Nehmen Sie beide aus derselben Quelle und legen Sie die Umgebung neu an.</translation>
    </message>
    <message>
        <source>unchanged</source>
        <translation>unverändert</translation>
    </message>
    <message>
        <source>undefined</source>
        <translation>nicht definiert</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>unknown reason</source>
        <translation>unbekannter Grund</translation>
    </message>
    <message>
        <source>until {}</source>
        <translation>bis {}</translation>
    </message>
    <message>
        <source>vegetation</source>
        <translation>Vegetation</translation>
    </message>
    <message>
        <source>water</source>
        <translation>Wasser</translation>
    </message>
    <message>
        <source>what area?</source>
        <translation>welche Fläche?</translation>
    </message>
    <message>
        <source>wider than {} m</source>
        <translation>breiter als {} m</translation>
    </message>
    <message>
        <source>within {} m of “{}”</source>
        <translation>höchstens {} m von „{}“</translation>
    </message>
    <message>
        <source>yes or no?</source>
        <translation>ja oder nein?</translation>
    </message>
    <message>
        <source>yes: {}</source>
        <translation>ja: {}</translation>
    </message>
    <message>
        <source>{accepted} accepted · {rejected} rejected · {edited} edited · {open} not reviewed</source>
        <translation>{accepted} angenommen · {rejected} abgelehnt · {edited} bearbeitet · {open} nicht geprüft</translation>
    </message>
    <message>
        <source>{} already exists. Replace it?</source>
        <translation>{} existiert bereits. Ersetzen?</translation>
    </message>
    <message>
        <source>{} and {}</source>
        <translation>{} und {}</translation>
    </message>
    <message>
        <source>{} and {} more</source>
        <translation>{} und {} weitere</translation>
    </message>
    <message>
        <source>{} cannot be opened. Check that it exists and that no other program locks it.</source>
        <translation>{} lässt sich nicht öffnen. Prüfen Sie, ob die Datei existiert und ob kein anderes Programm sie sperrt.</translation>
    </message>
    <message>
        <source>{} cannot be read. Check the source of the layer.</source>
        <translation>{} kann nicht gelesen werden. Prüfen Sie die Quelle des Layers.</translation>
    </message>
    <message>
        <source>{} cannot be started.</source>
        <translation>{} kann nicht gestartet werden.</translation>
    </message>
    <message>
        <source>{} cannot be started. Check the Python installation.</source>
        <translation>{} kann nicht gestartet werden. Prüfen Sie die Python-Installation.</translation>
    </message>
    <message>
        <source>{} cannot be written ({}). Check the free disk space, and the temporary folder in Settings &gt; Options &gt; Processing.</source>
        <translation>{} kann nicht geschrieben werden ({}). Prüfen Sie den freien Plattenplatz und den temporären Ordner in Einstellungen &gt; Optionen &gt; Verarbeitung.</translation>
    </message>
    <message>
        <source>{} cannot be written. Check the permissions of the file and the disk.</source>
        <translation>{} kann nicht geschrieben werden. Prüfen Sie die Zugriffsrechte der Datei und den Datenträger.</translation>
    </message>
    <message>
        <source>{} contains no polygons.</source>
        <translation>{} enthält keine Polygone.</translation>
    </message>
    <message>
        <source>{} could not be exported (error {}). Check the layer and the free disk space.</source>
        <translation>{} konnte nicht exportiert werden (Fehler {}). Prüfen Sie den Layer und den freien Speicherplatz.</translation>
    </message>
    <message>
        <source>{} could not be written ({}). Choose another file.</source>
        <translation>{} konnte nicht geschrieben werden ({}). Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{} does not exist. Select a wheel, a folder of wheels or a checkout.</source>
        <translation>{} existiert nicht. Wählen Sie ein Wheel, einen Ordner mit Wheels oder einen Quellordner.</translation>
    </message>
    <message>
        <source>{} does not intersect the extent. Choose another extent.</source>
        <translation>{} überschneidet die Ausdehnung nicht. Wählen Sie eine andere Ausdehnung.</translation>
    </message>
    <message>
        <source>{} h {} min</source>
        <translation>{} h {} min</translation>
    </message>
    <message>
        <source>{} has no CRS. Set it in the layer properties.</source>
        <translation>{} hat kein KBS. Setzen Sie es in den Layereigenschaften.</translation>
    </message>
    <message>
        <source>{} has no column “query”. Choose the result layer of a detection.</source>
        <translation>{} hat keine Spalte „query“. Wählen Sie den Ergebnislayer einer Suche.</translation>
    </message>
    <message>
        <source>{} has no image in this extent: {} did not answer, or has none there. Check the connection, the login and the extent; the log panel of QGIS has the errors.</source>
        <translation>{} hat in dieser Ausdehnung kein Bild: {} hat nicht geantwortet oder hat dort keines. Prüfen Sie die Verbindung, die Anmeldung und die Ausdehnung; die Fehler stehen im Protokoll von QGIS.</translation>
    </message>
    <message>
        <source>{} has no native pixel size. Set the pixel size of exported layers.</source>
        <translation>{} hat keine eigene Pixelgröße. Geben Sie die Pixelgröße exportierter Layer an.</translation>
    </message>
    <message>
        <source>{} has no polygon in the area of interest. Choose another layer or extent.</source>
        <translation>{} hat kein Polygon im Untersuchungsgebiet. Wählen Sie einen anderen Layer oder eine andere Ausdehnung.</translation>
    </message>
    <message>
        <source>{} has no polygons, only their attributes. For the map choose a GeoPackage.</source>
        <translation>{} enthält keine Polygone, nur ihre Attribute. Wählen Sie für die Karte ein GeoPackage.</translation>
    </message>
    <message>
        <source>{} is in edit mode or cannot be edited. Save or discard its edits first.</source>
        <translation>{} ist im Bearbeitungsmodus oder nicht bearbeitbar. Speichern oder verwerfen Sie zuerst die Änderungen.</translation>
    </message>
    <message>
        <source>{} is in edit mode. Save or discard its edits first.</source>
        <translation>{} ist im Bearbeitungsmodus. Speichern oder verwerfen Sie zuerst die Änderungen.</translation>
    </message>
    <message>
        <source>{} is missing. Without the package index, a folder of wheels must contain mtrs-geo and all its dependencies. Add the package, or allow the package index.</source>
        <translation>{} fehlt. Ohne den Paketindex muss ein Ordner mit Wheels mtrs-geo und alle Abhängigkeiten enthalten. Fügen Sie das Paket hinzu oder erlauben Sie den Paketindex.</translation>
    </message>
    <message>
        <source>{} is neither UTF-8 nor Windows-1252 text. Save it as CSV in UTF-8.</source>
        <translation>{} ist kein Text in UTF-8 oder Windows-1252. Speichern Sie die Tabelle als CSV in UTF-8.</translation>
    </message>
    <message>
        <source>{} is not a file on this computer. Set an extent for its export.</source>
        <translation>{} ist keine Datei auf diesem Rechner. Geben Sie eine Ausdehnung für den Export an.</translation>
    </message>
    <message>
        <source>{} is not a polygon layer. Choose a layer of changes.</source>
        <translation>{} ist kein Polygonlayer. Wählen Sie einen Layer mit Veränderungen.</translation>
    </message>
    <message>
        <source>{} is not on the package index, or not for this Python and operating system. Check the index in pip's configuration.</source>
        <translation>{} ist nicht im Paketindex, oder nicht für dieses Python und Betriebssystem. Prüfen Sie den Index in der Konfiguration von pip.</translation>
    </message>
    <message>
        <source>{} is not on the package index. Select a wheel of mtrs-geo, a folder of wheels or a checkout, and create the environment again.</source>
        <translation>{} ist nicht im Paketindex. Wählen Sie ein Wheel von mtrs-geo, einen Ordner mit Wheels oder einen Quellordner und erstellen Sie die Umgebung erneut.</translation>
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
        <source>{} of {} rasters cannot be read. Choose rasters that exist.</source>
        <translation>{} von {} Rastern können nicht gelesen werden. Wählen Sie vorhandene Raster.</translation>
    </message>
    <message>
        <source>{} of {} rows</source>
        <translation>{} von {} Zeilen</translation>
    </message>
    <message>
        <source>{} of {} tiles</source>
        <translation>{} von {} Kacheln</translation>
    </message>
    <message>
        <source>{} or {}</source>
        <translation>{} oder {}</translation>
    </message>
    <message>
        <source>{} pairs with {} items. Next: mtrs-geo craft audit {}</source>
        <translation>{} Paare mit {} Einträgen. Weiter mit: mtrs-geo craft audit {}</translation>
    </message>
    <message>
        <source>{} pairs with {} sentences, {} of them without a target</source>
        <translation>{} Paare mit {} Sätzen, {} davon ohne Ziel</translation>
    </message>
    <message>
        <source>{} polygons</source>
        <translation>{} Polygone</translation>
    </message>
    <message>
        <source>{} polygons in {} s</source>
        <translation>{} Polygone in {} s</translation>
    </message>
    <message>
        <source>{} s</source>
        <translation>{} s</translation>
    </message>
    <message>
        <source>{} self-intersecting polygons of {} were repaired for this run.</source>
        <translation>{} Polygone mit Selbstüberschneidung von {} wurden für diesen Lauf repariert.</translation>
    </message>
    <message>
        <source>{} sentences were left out of tiles with polygons that are not reviewed</source>
        <translation>{} Sätze fehlen in Kacheln mit Polygonen, die nicht geprüft sind</translation>
    </message>
    <message>
        <source>{} to {} m long</source>
        <translation>{} bis {} m lang</translation>
    </message>
    <message>
        <source>{} to {} m wide</source>
        <translation>{} bis {} m breit</translation>
    </message>
    <message>
        <source>{} would be exported with {} million pixels. Choose a smaller extent.</source>
        <translation>{} würde mit {} Millionen Pixeln exportiert. Wählen Sie eine kleinere Ausdehnung.</translation>
    </message>
    <message>
        <source>{} …</source>
        <translation>{} …</translation>
    </message>
    <message>
        <source>{}: QGIS shows the bands {} as red, green and blue. A run does not use this: it chooses bands by their names and colours in the file. If it should read these, write them to a new raster (Rearrange bands).</source>
        <translation>{}: QGIS zeigt die Kanäle {} als Rot, Grün und Blau. Ein Lauf beachtet das nicht: Er wählt die Kanäle nach ihren Namen und Farben in der Datei. Soll er diese lesen, schreiben Sie sie in ein neues Raster (Kanäle umordnen).</translation>
    </message>
    <message>
        <source>{}: {} % of the extent have no image, because {} did not answer or has none there. No changes are found there.</source>
        <translation>{}: {} % der Ausdehnung haben kein Bild, weil {} nicht geantwortet hat oder dort keines hat. Dort werden keine Änderungen gefunden.</translation>
    </message>
    <message>
        <source>{}: {} cannot be read, or is no longer in the project. Choose another layer or value.</source>
        <translation>{}: {} kann nicht gelesen werden oder ist nicht mehr im Projekt. Wählen Sie einen anderen Layer oder Wert.</translation>
    </message>
    <message>
        <source>{}: {} polygons detected by {} in {} s</source>
        <translation>{}: {} Polygone, gefunden von {} in {} s</translation>
    </message>
    <message>
        <source>{}: {} polygons, {}</source>
        <translation>{}: {} Polygone, {}</translation>
    </message>
    <message>
        <source>“{}”</source>
        <translation>„{}“</translation>
    </message>
    <message>
        <source>“{}” and “{}” are both found as {}, so every change of {} is shown.</source>
        <translation>„{}“ und „{}“ werden beide als {} gefunden. Gezeigt wird jede Veränderung von: {}.</translation>
    </message>
    <message>
        <source>“{}” and “{}” are both found as {}, so one that becomes the other is not seen. Ask for any change of {} instead.</source>
        <translation>„{}“ und „{}“ werden beide als {} gefunden. Wird eines zum anderen, ist das nicht zu sehen. Fragen Sie stattdessen nach jeder Veränderung von: {}.</translation>
    </message>
    <message>
        <source>“{}” is found as any ground of its kind ({}).</source>
        <translation>„{}“ wird wie jeder Boden seiner Art gefunden ({}).</translation>
    </message>
    <message>
        <source>“{}” is found as {} of any kind.</source>
        <translation>„{}“ wird gefunden als: {} aller Art.</translation>
    </message>
    <message>
        <source>“{}” is not measured and has no effect. Read as: “{}”. Ranks are by area, length, width or place, such as “the largest”.</source>
        <translation>„{}“ wird nicht gemessen und hat keine Wirkung. Gelesen als: „{}“. Rangfolgen gibt es nach Fläche, Länge, Breite oder Lage, zum Beispiel „the largest“.</translation>
    </message>
    <message>
        <source>“{}” is not tested: the answer is the area that is found.</source>
        <translation>„{}“ wird nicht geprüft: Die Antwort ist die gefundene Fläche.</translation>
    </message>
    <message>
        <source>“{}” is not tested: the answer is the number that is found.</source>
        <translation>„{}“ wird nicht geprüft: Die Antwort ist die gefundene Anzahl.</translation>
    </message>
    <message>
        <source>“{}” may be {} or {}. Write one of them.</source>
        <translation>„{}“ kann {} oder {} bedeuten. Schreiben Sie eines davon.</translation>
    </message>
    <message>
        <source>“{}” may mean “{}” or “{}”. Taken as: “{}”.</source>
        <translation>„{}“ kann „{}“ oder „{}“ bedeuten. Verstanden als: „{}“.</translation>
    </message>
    <message>
        <source>“{}” was not used: it names no date.</source>
        <translation>„{}“ wurde nicht verwendet: Es nennt kein Datum.</translation>
    </message>
    <message>
        <source>“{}” was not used: the dates of the rasters are not known.</source>
        <translation>„{}“ wurde nicht verwendet: Die Daten der Raster sind unbekannt.</translation>
    </message>
    <message>
        <source>“{}” was read as “{}”.</source>
        <translation>„{}“ wurde gelesen als „{}“.</translation>
    </message>
    <message>
        <source>… and {} more warnings</source>
        <translation>… und {} weitere Warnungen</translation>
    </message>
</context>
</TS>

"""Training of the sentence reader: labelled sentences → `models/weights/reader.safetensors`.

    python -m mtrs_geo.training.reader sentences.jsonl --output reader.safetensors

``sentences`` reads labels, those of ``written.txt`` too, and leaves parts out, ``nouns`` and
``augmentation`` write further sentences, ``network`` adds matrices of low rank to the layers of
MiniLM, ``train`` fits them on one core in half an hour.  ``batches`` gives the same sentences
to the intent head (`mtrs_geo.training.tasks.intent`).
"""

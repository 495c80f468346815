"""Training of the sentence reader: labelled sentences → `models/weights/reader.safetensors`.

    python -m mtrs_geo.training.reader sentences.jsonl --output reader.safetensors

``sentences`` reads labels, those of ``written.txt`` too, and leaves parts out, ``nouns`` and
``augmentation`` write further sentences, ``network`` is MiniLM with heads, ``train`` fits it on one
core, and ``evidence`` what the rules weigh beside it.  ``batches`` gives the same sentences to the
intent head (`mtrs_geo.training.tasks.intent`).
"""

"""Training of the sentence reader: labelled sentences → `models/weights/reader.safetensors`.

    python -m mtrs_geo.training.reader sentences.jsonl --output reader.safetensors

``sentences`` reads labels and leaves parts out, ``nouns`` and ``augmentation`` write further
sentences, ``network`` adds matrices of low rank to the upper layers of MiniLM, ``train`` fits them
on one core in a quarter of an hour.  Nothing imports it.
"""

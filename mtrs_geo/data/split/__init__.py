"""MTRefSeg-21K on disk: folders of image pairs, masks and JSON files in, records out, and back.

``reader`` and ``writer`` read and write any split in this layout, ``grouping`` merges records
of the same images, ``mtrefseg`` is a torchgeo dataset.
May be imported by the other packages of data, by pairs, evaluation and training.
"""

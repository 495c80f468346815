"""MTRefSeg-21K on disk: its layout, a reader, a writer and a torchgeo dataset.

A split is a folder of pairs, masks and one JSON file per pair.  May be imported by the other
rooms of data, by pairs, evaluation and training.
"""

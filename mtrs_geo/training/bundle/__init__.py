"""Training bundle: a small folder that trains on a machine without this package.

``pack`` writes the folder: code, weights, pictures.  ``run`` trains from it; it is started by the
folder's ``train.py`` and must import neither torchgeo nor anything that reads rasters.
``pooled_data`` draws its batches from a ``pool`` of crops on the accelerator, in new ``light``.
"""

"""Datasets: labelled imagery on disk in, pairs and scenes in memory out.

``changes`` reads pairs with change masks, ``scenes`` reads labelled scenes of one date,
``classes`` defines the class codes, ``bitemporal`` adapts torchgeo's sets.  May be imported
by the other rooms of data and by training.
"""

"""Datasets: labelled imagery on disk in, pairs and scenes in memory out.

``changes`` reads pairs with change masks, ``scenes`` reads labelled scenes of one date,
``classes`` holds pairs with class maps, ``bitemporal`` adapts the datasets of torchgeo.
May be imported by the other folders of data and by training.
"""

"""Queries and scores of the validation benchmarks, one module per kind of data.

Data sets in, rows of figures out.  Imported by benchmarks/validation.py and benchmarks/accuracy.py.
"""

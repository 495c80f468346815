"""What benchmarks/validation.py and benchmarks/accuracy.py measure: one file a kind of data."""

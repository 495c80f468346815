"""What training, tests and the demo draw on: pairs, sentences, rendered scenes."""

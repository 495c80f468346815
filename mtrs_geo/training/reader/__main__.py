"""Run the training: ``python -m mtrs_geo.training.reader``."""

from mtrs_geo.training.reader.train import main

if __name__ == "__main__":
    main()

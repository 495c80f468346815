"""From a stack and a model to polygons, tile by tile, in bounded memory.

``tiled_inference`` reads tiles, runs the model and blends the answers, each in threads of its own
(``run_ahead``); ``tile_reader`` reads whole blocks of the files once; ``finding`` makes polygons
of the answers; ``familiar_tiles`` says which tiles look unlike the training images;
``tile_failures`` decides what a tile that fails means; ``saved_run`` keeps the state in a ledger,
so that an interrupted run can go on.
"""

from mtrs_geo.detect.inference.familiar_tiles import FamiliarTiles
from mtrs_geo.detect.inference.finding import find_changes
from mtrs_geo.detect.inference.tile_failures import TileFailures
from mtrs_geo.detect.inference.tiled_inference import TiledInference

__all__ = ["FamiliarTiles", "TileFailures", "TiledInference", "find_changes"]

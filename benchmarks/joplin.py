"""Joplin before and after the tornado of 2011: images with different CRS, grid and extent.

Run: python benchmarks/joplin.py --root ../shared/data [--output build/joplin]

The tiles of each date are read as one VRT.  There are no labels: check in the preview that
destroyed blocks have polygons and intact ones have none.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from xml.sax.saxutils import escape

import rasterio

from mtrs_geo import detect_changes


def main() -> None:
    """Run and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="data root")
    parser.add_argument("--output", type=Path, default=Path("build/joplin"))
    parser.add_argument("--query", default="buildings that were destroyed")
    parser.add_argument("--model", default="tiny")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    root = arguments.root.resolve() / "geo/joplin_tornado_2011"
    dates = [
        write_vrt(arguments.output / f"{date}.vrt", sorted((root / date).glob("*.tif")))
        for date in ("pre", "post")
    ]
    result = detect_changes(
        *dates,
        arguments.query,
        output=arguments.output / "changes.gpkg",
        probability=arguments.output / "probability.tif",
        preview=arguments.output / "preview.png",
        dates=("2010", "2011"),
        model=arguments.model,
        overwrite=True,
    )
    sys.stdout.write(json.dumps(asdict(result.report), indent=2) + "\n")


def write_vrt(path: Path, tiles: list[Path]) -> Path:
    """Write a VRT over north-up tiles of one CRS and pixel size."""
    with rasterio.open(tiles[0]) as first:
        crs, pixel_x, pixel_y = first.crs.to_wkt(), first.transform.a, first.transform.e
    boxes = []
    for tile in tiles:
        with rasterio.open(tile) as file:
            boxes.append((tile, file.bounds, file.shape))
    left, top = min(b.left for _, b, _ in boxes), max(b.top for _, b, _ in boxes)
    right, bottom = max(b.right for _, b, _ in boxes), min(b.bottom for _, b, _ in boxes)
    cols, rows = round((right - left) / pixel_x), round((bottom - top) / pixel_y)
    bands = "".join(
        f'<VRTRasterBand dataType="Byte" band="{band}"><NoDataValue>0</NoDataValue>'
        f"<ColorInterp>{name}</ColorInterp>{_sources(boxes, band, left, top, pixel_x, pixel_y)}"
        "</VRTRasterBand>"
        for band, name in enumerate(("Red", "Green", "Blue"), start=1)
    )
    path.write_text(
        f'<VRTDataset rasterXSize="{cols}" rasterYSize="{rows}"><SRS>{escape(crs)}</SRS>'
        f"<GeoTransform>{left!r}, {pixel_x!r}, 0, {top!r}, 0, {pixel_y!r}</GeoTransform>"
        f"{bands}</VRTDataset>"
    )
    return path


def _sources(boxes, band: int, left: float, top: float, pixel_x: float, pixel_y: float) -> str:  # noqa: ANN001
    return "".join(
        f'<ComplexSource><SourceFilename relativeToVRT="0">{escape(str(tile))}</SourceFilename>'
        f"<SourceBand>{band}</SourceBand>"
        f'<SrcRect xOff="0" yOff="0" xSize="{shape[1]}" ySize="{shape[0]}"/>'
        f'<DstRect xOff="{round((b.left - left) / pixel_x)}" '
        f'yOff="{round((b.top - top) / pixel_y)}" xSize="{shape[1]}" ySize="{shape[0]}"/>'
        "<NODATA>0</NODATA></ComplexSource>"
        for tile, b, shape in boxes
    )


if __name__ == "__main__":
    main()

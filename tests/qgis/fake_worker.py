"""A fake worker: implements the protocol with the standard library only."""

import json
import os
import shutil
import sqlite3
import sys
import time


def emit(**event: object) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def polygons_in(path: str) -> int:
    """Return the number of features in the first layer of a GeoPackage."""
    with sqlite3.connect(path) as file:
        (layer,) = file.execute("select table_name from gpkg_contents").fetchone()
        return int(file.execute(f'select count(*) from "{layer}"').fetchone()[0])


def columns_of(path: str) -> list[str]:
    """Return the columns of the first layer of a GeoPackage."""
    with sqlite3.connect(path) as file:
        (layer,) = file.execute("select table_name from gpkg_contents").fetchone()
        return [row[1] for row in file.execute(f'pragma table_info("{layer}")')]


def srs_of(path: str) -> int:
    """Return the number of the CRS of the first layer of a GeoPackage."""
    with sqlite3.connect(path) as file:
        return int(file.execute("select srs_id from gpkg_contents").fetchone()[0])


emit(event="hello", protocol=1, version="fake", device="cpu", python="3")
for line in sys.stdin:
    request = json.loads(line)
    name, job, params = request["id"], request["job"], request["params"]
    if job == "doctor":
        sys.stderr.write(params.get("says", "it broke\n"))
        sys.stderr.flush()
        os._exit(3)
    if job == "evaluate":
        found = {"precision": polygons_in(params["predicted"])}
        found["recall"] = polygons_in(params["reference"])
        found["f1"] = srs_of(params["predicted"])
        found["iou"] = srs_of(params["reference"])
        emit(event="result", id=name, result=found)
    elif job in ("export_pairs", "audit_project"):
        count = polygons_in(params["polygons"])
        if job == "audit_project":
            with open(params["output"], "w") as file:
                file.write(" ".join(columns_of(params["polygons"])))
        facts = dict.fromkeys(("pairs", "items", "expressions"), count)
        facts["no_target"] = srs_of(params["polygons"])
        emit(event="result", id=name, result={**facts, "unreviewed": 0})
    elif params.get("query") == "stuck":
        time.sleep(600)
    elif job == "cancel":
        emit(
            event="error", id=params["id"], message="cancelled", advice="", **{"class": "Cancelled"}
        )
    elif job == "detect" and params["query"] == ["found"]:
        first = params.get("before") or params["paths"][0]
        shutil.copy(os.path.join(os.path.dirname(first), "found.gpkg"), params["output"])
        emit(event="result", id=name, result={
            "output": params["output"], "layers": ["found"], "counts": {"found": 1},
            "changes": {"found": "disappeared"}, "understood": ["found"], "model": "fake",
            "dates": ["2016", "2023"], "warnings": [], "seconds": 1.0, "area_m2": 1.0,
            "aoi": params.get("aoi"), "aoi_crs": params.get("aoi_crs"),
            "given_dates": params.get("dates"), "simplify_m": params.get("simplify_m"),
        })  # fmt: skip
    elif job == "batch":
        jobs = [
            {"id": str(number), "status": "failed", "message": json.dumps(row), "advice": ""}
            for number, row in enumerate(params["rows"])
        ]
        emit(event="result", id=name, result={"jobs": jobs})
    elif job == "detect" and params["query"] == ["apart"]:
        message = f"{params['aoi']} and {params['before']} do not overlap."
        advice = "Give other areas, or give it: left,bottom,right,top,EPSG:4326."
        emit(event="error", id=name, code="request", message=message, advice=advice,
             **{"class": "GridError"})  # fmt: skip
    elif job == "detect" and params["query"] == ["kept"] and not params["resume"]:
        with open(params["output"] + ".run", "w") as file:
            file.write(params["before"])
        emit(event="progress", id=name, fraction=0.5, done=1, total=2, seconds_left=9.4)
    elif job == "detect" and params["query"] == ["kept"]:
        with open(params["output"] + ".run") as file:
            is_same = file.read() == params["before"]
        os.remove(params["output"] + ".run")
        shutil.copy(os.path.join(os.path.dirname(params["after"]), "found.gpkg"), params["output"])
        emit(event="result", id=name, result={
            "output": params["output"], "layers": ["found"], "counts": {"kept": 1},
            "changes": {"kept": "disappeared"}, "understood": ["kept"], "model": "fake",
            "dates": ["2016", "2023"], "warnings": [], "seconds": 1.0, "area_m2": 1.0,
            "is_same": is_same,
        })  # fmt: skip
    elif params.get("query") in ("slow", ["slow"]):
        emit(event="progress", id=name, fraction=0.5, done=1, total=2, seconds_left=9.4)
    elif params.get("query") == ["broken"]:
        emit(event="error", id=name, code="environment", message="x fehlt", advice="",
             **{"class": "ImportError"})  # fmt: skip
    elif params.get("query") == "warned":
        emit(event="log", id=name, level="warning", message="the dates are far apart")
        emit(event="log", id=name, level="info", message="a note")
        emit(event="result", id=name, result={"warnings": ["the dates are far apart", "late"]})
    elif params.get("query") == "ended":
        emit(event="error", id=name, message="the worker was stopped", advice="",
             **{"class": "Cancelled"})  # fmt: skip
    elif params.get("query") == "noise":
        sys.stdout.write("no json\n[]\n")
        sys.stdout.write('{"event": "result", "id": "' + name + '", ')
        sys.stdout.flush()
        time.sleep(0.2)
        sys.stdout.write('"result": {"whole": true}}\n')
        sys.stdout.flush()
    else:
        emit(event="result", id=name, result={
            "query": params.get("query"), "pid": os.getpid(),
            "proxy": [os.environ.get(one) for one in ("http_proxy", "HTTPS_PROXY", "no_proxy")],
        })  # fmt: skip

"""A stand-in for the Python of a worker: speaks the protocol, needs nothing installed."""

import json
import os
import shutil
import sys
import time


def say(**event: object) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


say(event="hello", protocol=1, version="fake", device="cpu", python="3")
for line in sys.stdin:
    request = json.loads(line)
    name, job, params = request["id"], request["job"], request["params"]
    if job == "doctor":
        sys.stderr.write("it broke\n")
        sys.stderr.flush()
        os._exit(3)
    if job == "cancel":
        say(
            event="error", id=params["id"], message="cancelled", advice="", **{"class": "Cancelled"}
        )
    elif job == "detect" and params["query"] == ["found"]:
        shutil.copy(os.path.join(os.path.dirname(params["before"]), "found.gpkg"), params["output"])
        say(event="result", id=name, result={
            "output": params["output"], "layers": ["found"], "counts": {"found": 1},
            "changes": {"found": "disappeared"}, "understood": ["found"], "model": "fake",
            "dates": ["2016", "2023"], "warnings": [], "seconds": 1.0, "area_m2": 1.0,
            "aoi": params.get("aoi"),
        })  # fmt: skip
    elif params.get("query") in ("slow", ["slow"]):
        say(event="progress", id=name, fraction=0.5, done=1, total=2, seconds_left=9.4)
    elif params.get("query") == "noise":
        sys.stdout.write("no json\n[]\n")
        sys.stdout.write('{"event": "result", "id": "' + name + '", ')
        sys.stdout.flush()
        time.sleep(0.2)
        sys.stdout.write('"result": {"whole": true}}\n')
        sys.stdout.flush()
    else:
        say(event="result", id=name, result={"query": params.get("query"), "pid": os.getpid()})

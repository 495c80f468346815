"""Many pairs of rasters and many sentences: a table of jobs in, a file per job or one data set out.

``job`` says what a job is, ``tables`` reads jobs, ``scenes`` plans them for an area over many
scenes, ``runner`` runs them one after the other with one model and returns a ``result``,
``manifest`` keeps the ``entries`` of what is done, ``files`` knows which files are a batch's own,
``finished`` which files of a finished job stay.
``dataset``, ``pmtiles`` and ``stac`` join the results, ``estimate`` says before a run what it will
cost.
"""

from mtrs_geo.batch.estimate import BatchEstimate, estimate_batch
from mtrs_geo.batch.job import Job
from mtrs_geo.batch.result import BatchResult
from mtrs_geo.batch.runner import run_batch
from mtrs_geo.batch.scenes import plan_jobs
from mtrs_geo.batch.tables import read_jobs

__all__ = [
    "BatchEstimate",
    "BatchResult",
    "Job",
    "estimate_batch",
    "plan_jobs",
    "read_jobs",
    "run_batch",
]

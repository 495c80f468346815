"""The bands of tiles of a run on many machines, with Ray (extra ``cluster``).

``work`` is what is sent: the model, the rasters and the plan of a run, and its tasks.  ``worker``
reads and answers the tiles of one task, in a process of the cluster.  ``pool`` starts the workers
and gives them tasks; it runs in ``serve``, a process beside the run, because Ray ends the process
that uses it when the head of the cluster vanishes.  ``cluster`` starts that process, and
``remote_run`` connects it with `TiledInference`.  Only ``pool`` imports Ray.  Imported by
``detect`` and above.
"""

from mtrs_geo.cluster.cluster import Cluster, open_cluster
from mtrs_geo.cluster.remote_run import answer_remotely, remote_model
from mtrs_geo.cluster.work import ModelChoice

__all__ = ["Cluster", "ModelChoice", "answer_remotely", "open_cluster", "remote_model"]

"""The static HTML report of a benchmark: pages, pictures, no server and no network.

``selection`` chooses cases and pages, ``pictures`` writes images and masks, ``index_page`` and
``sample_pages`` write HTML with the parts of ``markup``, ``stress_charts`` draws stress tests,
``write`` puts them together.  Imported by `mtrs_geo.benchmark.run` and the page of a stress test.
"""

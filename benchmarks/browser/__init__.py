"""The audit's pages in a headless Chromium, for benchmarks, tests and the pictures of docs.

``chromium`` drives the browser, ``audit_page`` does what an auditor does.
"""

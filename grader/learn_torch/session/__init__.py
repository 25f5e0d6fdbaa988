"""The judge's view of a worker: a session of requests, its limits, and proxies for objects in the worker."""

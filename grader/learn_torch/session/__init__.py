"""The judge's view of a worker: one session of requests, what it may take, proxies for what stays in the worker."""

"""The worker's side of a check, and the judge's view of it: processes, channel, values and proxies."""

"""The trusted side: runs hidden graders under pytest and reports their results."""

"""The trusted side: hidden graders under pytest, and what comes of them."""

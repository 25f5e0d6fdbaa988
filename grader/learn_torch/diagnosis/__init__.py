"""Which known mistake a submission makes, told by what it answers."""

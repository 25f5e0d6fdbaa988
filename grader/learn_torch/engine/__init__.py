"""What forks: the warm engine, the zygote in it, and where workers and judges come from."""

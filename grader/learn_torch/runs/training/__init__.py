"""Training in runs: a number of steps with the loss shown, or whole epochs that can be resumed."""

"""How runs train: a number of steps with the loss in sight, or whole epochs that can be resumed."""

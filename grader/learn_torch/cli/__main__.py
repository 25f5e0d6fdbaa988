"""`python -m learn_torch.cli`."""

from learn_torch.cli import main

main()

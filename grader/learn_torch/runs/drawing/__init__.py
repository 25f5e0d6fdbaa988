"""The drawings of runs: contact sheets, curves, and the text in them."""

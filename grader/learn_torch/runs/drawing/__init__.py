"""What runs draw: contact sheets, curves, and the letters in them."""

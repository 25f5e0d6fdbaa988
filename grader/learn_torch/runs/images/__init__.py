"""The images of a run: from folders or from datasets by name, which are kept in a cache."""

"""Where the pictures of a run come from: folders, data sets by name, and the cache in which they are kept."""

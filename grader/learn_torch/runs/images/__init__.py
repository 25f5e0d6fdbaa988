"""Where the images of a run come from: folders, datasets by name, and the cache in which they are kept."""

"""Tools for authors of exercises: verify graders, make new exercises, export courses."""

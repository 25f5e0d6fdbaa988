"""Plugins: the hooks, what they contribute, and the manager that calls them."""

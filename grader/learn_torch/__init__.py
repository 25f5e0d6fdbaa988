"""learn-torch: learn PyTorch by doing, with graders that can be trusted.

A plugin author needs `hookimpl` from here, `CoursePack` from `learn_torch.course` and, for graders,
`learn_torch.testing`.
"""

# Nothing is imported here. `python -m learn_torch.cli` searches the current folder first for every module, and a
# submission in it may be called `typing.py`. `learn_torch.cli` takes that folder off the path.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from learn_torch.plugins.hookspecs import hookimpl

__all__ = ["__version__", "hookimpl"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Imported late for the same reason. Workers never use plugins, so they do not load pluggy.
    if name == "hookimpl":
        from learn_torch.plugins.hookspecs import hookimpl

        return hookimpl
    raise AttributeError(name)

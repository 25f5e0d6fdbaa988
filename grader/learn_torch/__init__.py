"""learn-torch: learn PyTorch by doing, with graders that can be trusted.

A plugin author needs `hookimpl` from here, `CoursePack` from `learn_torch.course` and, for graders,
`learn_torch.testing`.
"""

# Nothing is imported here. `python -m learn_torch.cli` looks for every module in the current folder first, and there
# lie submissions: `typing.py` may be one of them. `learn_torch.cli` takes that folder off the path.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from learn_torch.plugins.hookspecs import hookimpl

__all__ = ["__version__", "hookimpl"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Late, for the same reason; and pluggy is not needed where nobody asks for plugins: in workers.
    if name == "hookimpl":
        from learn_torch.plugins.hookspecs import hookimpl

        return hookimpl
    raise AttributeError(name)

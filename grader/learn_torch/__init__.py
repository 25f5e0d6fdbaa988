"""learn-torch: learn PyTorch by doing, with graders that can be trusted.

A plugin author needs `hookimpl` from here, `CoursePack` from `learn_torch.course` and, for graders,
`learn_torch.testing`.
"""

from learn_torch.hookspecs import hookimpl

__all__ = ["__version__", "hookimpl"]
__version__ = "0.1.0"

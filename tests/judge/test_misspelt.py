"""A special method that is misspelt is found where Python complains that there is none."""

from __future__ import annotations

import pytest

from learn_torch.judge.misspelt import Misspelt, misspelt

NO_ARGUMENTS = "Numbers() takes no arguments"


@pytest.mark.parametrize(
    ("method", "complaint", "meant"),
    [
        ("__int__(self, root)", NO_ARGUMENTS, "__init__"),
        ("__inti__(self, root)", NO_ARGUMENTS, "__init__"),
        ("_init_(self, root)", NO_ARGUMENTS, "__init__"),
        ("__init(self, root)", NO_ARGUMENTS, "__init__"),
        ("init(self, root)", NO_ARGUMENTS, "__init__"),
        ("__int__(self)", "Module.__init__() takes 1 positional argument but 2 were given", ""),
        ("__len(self)", "object of type 'Numbers' has no len()", "__len__"),
        ("__length__(self)", "object of type 'Numbers' has no len()", ""),
        ("__get_item__(self, index)", "'Numbers' object is not subscriptable", "__getitem__"),
        ("forwards(self, x)", 'Module [Net] is missing the required "forward" function', "forward"),
        ("forward(self, x)", 'Module [Net] is missing the required "forward" function', ""),
        ("__init__(self)", NO_ARGUMENTS, ""),
        ("init_weights(self)", NO_ARGUMENTS, ""),
        ("_len(self)", NO_ARGUMENTS, ""),
        ("__int__(self, root)", "unsupported operand type(s)", ""),
    ],
)
def test_a_misspelt_method(method: str, complaint: str, meant: str) -> None:
    source = f"import torch\n\nclass Numbers:\n    def {method}:\n        pass\n"
    found = misspelt(source, complaint)
    assert found == (Misspelt(method.partition("(")[0], meant, 4) if meant else None)


def test_a_megabyte_is_searched_in_no_time() -> None:
    assert misspelt("    def " * 100_000 + "self" + " " * 200_000, NO_ARGUMENTS) is None


def test_of_very_many_methods_only_the_first_are_looked_at() -> None:
    right = "".join(f"    def method_{n}(self):\n        pass\n" for n in range(2000))
    wrong = "    def __len(self):\n        pass\n"
    complaint = "object of type 'Numbers' has no len()"
    assert misspelt("class Numbers:\n" + wrong + right, complaint) == Misspelt("__len", "__len__", 2)
    assert misspelt("class Numbers:\n" + right + wrong, complaint) is None

"""No terminal, page or CI runner obeys what somebody else's text says."""

from __future__ import annotations

import pytest

from learn_torch.escaping import harmless, harmless_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", "\\x3a:error::x"),
        ("a\n \t::set-output name=x::y", "a\n \t\\x3a:set-output name=x::y"),
        ("before ##[command]ls", "before \\x23#[command]ls"),
        ("##vso[task.complete result=Succeeded;]DONE", "\\x23#vso[task.complete result=Succeeded;]DONE"),
        ("a ##teamcity[buildStatus status='SUCCESS']", "a \\x23#teamcity[buildStatus status='SUCCESS']"),
        ("###any-other.word_2[x]", "#\\x23#any-other.word_2[x]"),
        ("##vso [x] ## [y] #z[0]", "##vso [x] ## [y] #z[0]"),
        ("C::method and # not ## a heading", "C::method and # not ## a heading"),
        ("\x1b[31mred\r\x07", "\\x1b[31mred\\r\\x07"),
        ("\ud800\u202e\u2028", "\\ud800\\u202e\\u2028"),
        ("中文 ✓\n\tindented", "中文 ✓\n\tindented"),
    ],
)
def test_what_somebody_would_obey_is_escaped(text: str, shown: str) -> None:
    assert harmless(text) == shown
    assert printable("a\nb") == "a\\nb"
    assert harmless_line("a\n##[b]") == "a\\n\\x23#[b]"


def test_escaping_takes_time_that_grows_with_the_text_alone() -> None:
    """Quadratic, this would take minutes."""
    for text in ("\n" * 100_000 + " " * 100_000, "#" * 200_000, "##" + "a" * 199_998, "##a" * 60_000):
        assert len(harmless(text)) == len(text)


def test_escaping_twice_is_escaping_once() -> None:
    once = harmless("::error::x ##vso[x] \x1b[2J")
    assert harmless(once) == once

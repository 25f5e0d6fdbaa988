"""The folders of sessions are removed, whatever a submission has put there, and nothing else is removed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from learn_torch.engine import scratch
from learn_torch.errors import EngineError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="such files cannot be made here")


def test_thousands_of_nested_folders_are_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    descriptor = os.open(top, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d" * 100, dir_fd=descriptor)
        inner = os.open("d" * 100, os.O_RDONLY, dir_fd=descriptor)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor))
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)
    scratch.remove(top)
    assert not top.exists()


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    (kept / "inside").mkdir(parents=True)
    (kept / "file").write_text("as it was")
    kept.chmod(0o750)
    top = tmp_path / "top"
    (top / "deep" / "deeper").mkdir(parents=True)
    for folder in (top, top / "deep", top / "deep" / "deeper"):
        (folder / "to_folder").symlink_to(kept)
        (folder / "to_file").symlink_to(kept / "file")
        (folder / "to_nothing").symlink_to("nowhere")
        (folder / "loop").symlink_to(".")
    os.link(kept / "file", top / "hard")
    os.mkfifo(top / "fifo")
    scratch.remove(top)
    assert not os.path.lexists(top)
    assert (kept / "file").read_text() == "as it was"
    assert (kept / "inside").is_dir()
    assert kept.stat().st_mode & 0o777 == 0o750


def test_odd_names_and_closed_folders_are_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "closed" / "inner" / "innermost").mkdir(parents=True)
    (top / "0.moved").mkdir()
    (top / "closed" / "inner" / "1.moved").touch()
    for name in (b"\xff\xfe", b"new\nline", b"-rf", b" ", b"*"):
        os.mkdir(os.path.join(os.fsencode(top), name))
        Path(os.fsdecode(os.path.join(os.fsencode(top), name, b"x"))).touch()
    for folder in (top / "closed" / "inner" / "innermost", top / "closed" / "inner", top / "closed", top):
        folder.chmod(0o000)
    scratch.remove(top)
    assert not top.exists()


def test_a_session_has_a_folder_of_its_own_for_as_long_as_it_lasts(tmp_path: Path) -> None:
    with scratch.session_folder(tmp_path) as one, scratch.session_folder(tmp_path) as other:
        assert one != other
        assert {path.name for path in one.iterdir()} == {"scratch", "given"}
        assert one.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == []


def test_without_room_it_says_what_to_do(tmp_path: Path) -> None:
    with (
        pytest.raises(EngineError, match="cannot create a temporary folder") as raised,
        scratch.session_folder(tmp_path / "no"),
    ):
        pass
    assert "TMPDIR" in raised.value.hint

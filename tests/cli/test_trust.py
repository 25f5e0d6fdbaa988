"""What a workspace may decide: nothing that its user has not allowed, and nothing at all about `--file`."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from command_line import command
from conftest import source_of
from learn_torch.course import course_root
from learn_torch.errors import TrustError
from learn_torch.workspace import Workspace, trust

Learn = Callable[..., Any]
SOLUTION = (course_root() / "solutions" / "core" / "03_conv_output_shape" / "solution.py").read_bytes()
DEVICES = course_root() / "solutions" / "core" / "07_gpu_transfer"
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away"
)


@pytest.fixture
def settings(tmp_path: Path, course: Path) -> Path:
    """The learn.toml of a workspace that names a folder of courses."""
    path = tmp_path / "learn.toml"
    path.write_text(
        f'format_version = 1\ntracks = ["other"]\ndefault_track = "other"\nplugins = ["./{course.name}"]\n'
    )
    return path


COMMANDS = [
    ["check", "01"], ["check"], ["check", "--all"], ["list"], ["show"], ["show", "01"], ["hint", "01"], ["next"],
    ["reset", "01"], ["run-solution", "other/01"], ["verify", "other"], ["plugins"], ["init", "."],
    ["new", "exercise", "other/02_more"], ["export", "course", "other"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("where", [".", "below/it"])
def test_a_workspace_that_names_plugins_is_refused_until_it_is_allowed(
    learn: Learn, tmp_path: Path, settings: Path, arguments: list[str], where: str
) -> None:
    here = tmp_path / where
    here.mkdir(parents=True, exist_ok=True)
    if arguments[0] == "init":
        arguments = ["init", str(tmp_path)]
    done = learn(*arguments, cwd=here)
    assert done.code == 2
    assert done.out == ""
    assert f"{settings} names the plugins" in done.err
    assert f"learn trust {tmp_path}" in done.err
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "exercises").exists()


def test_a_workspace_that_is_allowed_is_used(learn: Learn, settings: Path, course: Path) -> None:
    assert "may use ./course" in learn("trust").out
    made = learn("init", ".").out
    assert "A workspace with 1 exercises" in made
    assert "edit exercises/other/01_sample.py" in made
    assert "other/01" in learn("list").out
    done = learn("check", "01", "--json")
    assert (done.code, done.json["exercise"]) == (0, "other/01")
    assert "course" in learn("plugins").out


def test_trusting_runs_and_reads_nothing_of_a_course(
    learn: Learn, tmp_path: Path, settings: Path, course: Path
) -> None:
    (course / "exercises" / "other" / "track.toml").write_text("nonsense")
    assert learn("trust").code == 0
    shutil.rmtree(course)
    assert learn("trust", tmp_path).code == 0
    assert not (tmp_path / "ran").exists()


def test_what_is_allowed_is_one_folder_and_one_text(
    learn: Learn, tmp_path: Path, settings: Path, course: Path
) -> None:
    assert learn("trust", tmp_path).code == 0
    assert learn("list").code == 0
    before = settings.read_bytes()
    settings.write_bytes(before + b"# another\n")
    assert "not allowed since it last changed" in learn("list").err
    settings.write_bytes(before)
    assert learn("list").code == 0
    copy = tmp_path / "copy"
    shutil.copytree(course, copy / course.name)
    shutil.copy(settings, copy)
    assert learn("list", cwd=copy).code == 2
    link = tmp_path / "link"
    link.mkdir()
    (link / "learn.toml").symlink_to(settings)  # its folder says where ./course lies
    shutil.copytree(course, link / course.name)
    assert learn("list", cwd=link).code == 2
    assert learn("trust", cwd=link).code == 0
    assert learn("list", cwd=link).code == 0


def test_another_way_to_the_same_folder_is_the_same(learn: Learn, tmp_path: Path, settings: Path) -> None:
    (tmp_path.parent / f"{tmp_path.name}-link").symlink_to(tmp_path)
    assert learn("trust", tmp_path.parent / f"{tmp_path.name}-link").code == 0
    assert learn("list").code == 0


def test_what_is_allowed_can_be_taken_back(learn: Learn, tmp_path: Path, settings: Path) -> None:
    assert learn("trust").code == 0
    settings.write_text("nonsense")
    assert "may no longer use plugins" in learn("trust", "--revoke").out
    settings.write_text('format_version = 1\nplugins = ["./course"]\n')
    assert learn("list").code == 2
    assert "had no permission" in learn("trust", "--revoke", tmp_path).out


def test_an_installed_plugin_is_named_only_with_consent_either(learn: Learn, tmp_path: Path) -> None:
    (tmp_path / "learn.toml").write_text('format_version = 1\nplugins = ["builtin"]\n')
    assert learn("list").code == 2
    assert learn("trust").code == 0
    assert learn("list").code == 0


def test_who_names_no_plugins_is_asked_nothing(learn: Learn, tmp_path: Path) -> None:
    assert learn("init", "ws").code == 0
    assert learn("list", cwd=tmp_path / "ws").code == 0
    assert "names no plugins" in learn("trust", "ws").out
    assert not list(Path(os.environ["XDG_STATE_HOME"]).iterdir())


def test_a_course_of_the_command_line_is_the_users_own_word(
    learn: Learn, tmp_path: Path, course: Path
) -> None:
    (tmp_path / "empty").mkdir()
    assert "other/01" in learn("list", "--course", course, cwd=tmp_path / "empty").out


def test_a_folder_without_a_workspace_cannot_be_trusted(learn: Learn, tmp_path: Path, settings: Path) -> None:
    (tmp_path / "below").mkdir()
    done = learn("trust", "below")
    assert done.code == 2
    assert "below" in done.err
    assert learn("trust", cwd=tmp_path / "below").code == 0
    assert learn("list").code == 0


def test_help_version_doctor_and_a_new_workspace_do_not_look_around(
    learn: Learn, tmp_path: Path, settings: Path
) -> None:
    settings.write_text("nonsense")
    for arguments in (["--help"], ["--version"], [], ["check", "--help"], ["init", "new"]):
        assert learn(*arguments).code == 0
    assert learn("list", cwd=tmp_path / "new").code == 0


# --- where it is remembered -------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="another place there")
@pytest.mark.parametrize("home", [".", "relative"])
@pytest.mark.parametrize("shared", ["", ".", "relative"])
def test_a_current_folder_cannot_hold_what_its_user_allows(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch, home: str, shared: str
) -> None:
    """Where neither HOME nor XDG_STATE_HOME is a full path, what lies in the current folder is not asked.

    The home folder that the system knows is, where it knows one.
    """
    import pwd

    workspace = Workspace.at(tmp_path)
    monkeypatch.chdir(tmp_path)
    for planted in (home, shared):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / planted))
        trust.trust(workspace)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / planted / ".local" / "state"))
        trust.trust(workspace)
    monkeypatch.setenv("XDG_STATE_HOME", shared)
    monkeypatch.setenv("HOME", home)
    own = tmp_path / "own"
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: SimpleNamespace(pw_dir=str(own)))
    assert not trust.is_trusted(workspace)
    trust.trust(workspace)
    assert trust.is_trusted(workspace)
    assert [path for path in own.rglob("*") if path.is_file()]


@pytest.mark.skipif(os.name == "nt", reason="another place there")
@pytest.mark.parametrize("known", [".", "relative"])
def test_without_any_home_folder_nothing_is_allowed(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    import pwd

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: SimpleNamespace(pw_dir=known))
    workspace = Workspace.at(tmp_path)
    assert not trust.is_trusted(workspace)
    with pytest.raises(TrustError, match="no home folder"):
        trust.trust(workspace)


@pytest.mark.skipif(os.name == "nt", reason="another place there")
def test_without_xdg_it_is_remembered_in_the_home_folder(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    trust.trust(Workspace.at(tmp_path))
    assert trust.is_trusted(Workspace.at(tmp_path))
    (record,) = (path for path in (tmp_path / "home").rglob("*") if path.is_file())
    assert str(settings) in record.read_text("utf-8")


def test_what_cannot_be_remembered_is_said(
    learn: Learn, tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    done = learn("trust", XDG_STATE_HOME=str(tmp_path / "file"))
    assert done.code == 2
    assert "cannot be written" in done.err
    assert "XDG_STATE_HOME" in done.err


# --- asked on a terminal ----------------------------------------------------------------------------------------------


def at_a_terminal(answer: bytes, *arguments: str, cwd: Path) -> tuple[int, str]:
    """The exit code of `learn` at a terminal where somebody answers a question, and what stands there."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        **command(*arguments, TERM="dumb"),
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
    )
    os.close(theirs)
    shown, deadline = b"", time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([ours], [], [], 0.05)[0]:
            try:
                data = os.read(ours, 4096)
            except OSError:  # the terminal has nobody any more
                break
            if not data:
                break
            if b"[y/N]" not in shown and b"[y/N]" in shown + data:
                os.write(ours, answer)
            shown += data
    os.close(ours)
    return process.wait(60), shown.decode()


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_somebody_at_a_terminal_is_asked_once(tmp_path: Path, settings: Path) -> None:
    for answer in (b"\n", b"n\n", b"\x04"):
        code, shown = at_a_terminal(answer, "plugins", cwd=tmp_path)
        assert code == 2
        assert str(settings) in shown.replace("\r\n", "")
        assert "./course" in shown
    code, shown = at_a_terminal(b"y\n", "plugins", cwd=tmp_path)
    assert code == 0
    assert "other" in shown
    code, shown = at_a_terminal(b"n\n", "plugins", cwd=tmp_path)
    assert code == 0
    assert "[y/N]" not in shown


@pytest.mark.skipif(os.name != "posix", reason="names like these cannot be made elsewhere")
def test_what_is_asked_about_is_shown_harmlessly(learn: Learn, tmp_path: Path) -> None:
    folder = tmp_path / "\x1b[2J"
    folder.mkdir()
    (folder / "learn.toml").write_text(
        'format_version = 1\nplugins = ["./\\u001b[2K\\r", "\\n::error::x", "##vso[x]"]\n'
    )
    _code, shown = at_a_terminal(b"n\n", "list", cwd=folder)
    done = [learn(name, cwd=folder) for name in ("list", "trust")]
    for text in (shown.replace("\r\n", "\n"), *(one.out + one.err for one in done)):
        assert "\x1b" not in text
        assert "\r" not in text
        assert "##vso[" not in text
        assert not any(line.startswith("::") for line in text.splitlines())


# --- somebody else's --------------------------------------------------------------------------------------------------


def give_away(path: Path, how: str) -> None:
    """Have a learn.toml be another user's: the file, the link to it, or what it links to."""
    if how == "file":
        os.chown(path, 65534, 65534)
        return
    target = path.with_name("somewhere")
    path.rename(target)
    path.symlink_to(target)
    os.chown(path if how == "link" else target, 65534, 65534, follow_symlinks=False)


@as_root
@pytest.mark.parametrize("how", ["file", "link", "target"])
def test_a_learn_toml_of_another_user_is_refused_where_one_is_needed(
    learn: Learn, tmp_path: Path, how: str
) -> None:
    assert learn("init", ".").code == 0
    assert learn("init", "inner/most").code == 0
    give_away(tmp_path / "inner" / "most" / "learn.toml", how)
    here = tmp_path / "inner" / "most" / "exercises"
    for arguments in (["check"], ["check", "03"], ["next"], ["show"], ["reset", "03"], ["trust"]):
        done = learn(*arguments, cwd=here)
        assert done.code == 2, arguments
        assert "belongs to another user" in done.err
        assert "learn init DIR" in done.err
    assert learn("init", ".", cwd=here.parent).code == 2


@as_root
def test_a_learn_toml_of_another_user_is_left_alone_where_none_is_needed(
    learn: Learn, tmp_path: Path
) -> None:
    assert learn("init", ".").code == 0  # the search does not go on to this one
    assert learn("init", "inner", "--lang", "zh").code == 0
    inner = tmp_path / "inner"
    (inner / "learn.toml").write_text('nonsense, and nobody says so\nplugins = ["./evil"]\n')
    give_away(inner / "learn.toml", "file")
    for arguments in (
        ["list"],
        ["hint", "03"],
        ["show", "03"],
        ["plugins"],
        ["export", "course", "--out", "copy"],
    ):
        done = learn(*arguments, cwd=inner)
        assert done.code == 0, done.err
        assert "belongs to another user" in done.err
    assert "Not in a workspace" in learn("list", cwd=inner).out
    done = learn("--help", cwd=inner)
    assert (done.code, done.err) == (0, "")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no such owners here")
def test_who_is_not_the_owner_is_refused(
    learn: Learn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert learn("init", ".").code == 0
    somebody_else = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody_else)
    assert "belongs to another user" in learn("next").err
    assert "Not in a workspace" in learn("list").out


@as_root
def test_consent_does_not_help_another_users_workspace(learn: Learn, tmp_path: Path, settings: Path) -> None:
    assert learn("trust").code == 0
    give_away(settings, "file")
    assert learn("next").code == 2
    assert "other/01" not in learn("list").out


# --- a file by its name -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("levels", [0, 1, 2])
@pytest.mark.parametrize(
    "settings",
    ['plugins = ["./course"]\ndefault_track = "other"', 'lang = "zh"', 'device = "cpu"', "nonsense"],
)
def test_what_lies_around_a_file_has_no_say(
    learn: Learn, tmp_path: Path, course: Path, settings: str, levels: int
) -> None:
    (tmp_path / "learn.toml").write_text(f"format_version = 1\n{settings}\n")
    here = tmp_path.joinpath(*["below"] * levels)
    here.mkdir(parents=True, exist_ok=True)
    trust_it = learn("trust")
    assert trust_it.code == (2 if settings == "nonsense" else 0)
    (here / "mine.py").write_text("# nothing at all\n")
    if levels == 1:
        done = learn("check", "01", "--file", "mine.py", "--json", cwd=here)
        assert (done.code, done.json["exercise"]) == (1, "core/01")
        return
    assert "no exercise 'other/01'" in learn("check", "other/01", "--file", "mine.py", cwd=here).err
    (here / "mine.py").write_bytes(source_of(DEVICES, "targets_not_moved"))
    done = learn("check", "07", "--file", "mine.py", "--json", cwd=here)
    assert (done.code, done.json["device"]) == (1, "simulated-cuda")
    assert done.json["checks"][0]["title"].isascii()


def test_a_file_needs_no_current_folder(learn: Learn, tmp_path: Path) -> None:
    (tmp_path / "03.py").write_bytes(SOLUTION)
    gone = tmp_path / "gone"
    gone.mkdir()
    script = (
        "import os, sys; os.rmdir(os.getcwd()); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        gone.mkdir(exist_ok=True)
        made = command(*arguments)
        made["args"][1:1] = ["-c", script]
        return subprocess.run(**made, cwd=gone, capture_output=True, text=True, timeout=120)

    done = run("check", "03", "--file", tmp_path / "03.py", "--json")
    assert done.returncode == 0, done.stderr
    assert '"verdict": "passed"' in done.stdout
    assert run("--help").returncode == 0
    commands = [
        ["list"],
        ["check"],
        ["next"],
        ["show", "03"],
        ["init", "x"],
        ["run-solution", "03"],
        ["trust"],
    ]
    for arguments in (*commands, ["new", "course", "x"], ["verify"], ["check", "03", "--file", "03.py"]):
        done = run(*arguments)
        assert done.returncode == 2, done.stderr
        assert "the current folder does not exist any more" in done.stderr


def test_of_two_files_none_is_dropped(learn: Learn, tmp_path: Path) -> None:
    done = learn("check", "03", "--file", "a.py", "--file", "b.py")
    assert done.code == 2
    assert "--file takes one submission, not 2" in done.err


# --- devices ----------------------------------------------------------------------------------------------------------


def test_a_pass_on_the_cpu_is_none_where_devices_are_the_matter(learn: Learn, tmp_path: Path) -> None:
    assert learn("init", ".").code == 0
    file = tmp_path / "exercises" / "core" / "07_gpu_transfer.py"
    file.write_bytes(source_of(DEVICES, "targets_not_moved"))
    for arguments in (["07"], ["03", "07"], ["07", "--file", str(file)], ["--all"]):
        done = learn("check", *arguments, "--device", "cpu", "--json")
        assert (done.code, done.out) == (2, ""), arguments
        assert "core/07 is judged on CUDA" in done.err
    (tmp_path / "learn.toml").write_text('format_version = 1\ndevice = "cpu"\n')
    done = learn("check", "07")
    assert (done.code, done.out) == (2, "")
    assert "learn.toml" in done.err
    file.unlink()
    assert learn("check", "07").code == 2
    devices = {report["exercise"]: report["device"] for report in learn("check", "--all", "--json").json}
    assert devices["core/03"] == "cpu"
    assert devices["core/07"] == "simulated-cuda"

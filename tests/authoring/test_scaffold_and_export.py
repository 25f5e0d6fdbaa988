"""New courses and exercises, and editions of a course to hand on, through the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from authoring.conftest import Course, fill_in
from command_line import Ran
from learn_torch.authoring.export import leaks
from learn_torch.authoring.scaffold import new_exercise
from learn_torch.errors import LearnError

Learn = Callable[..., Ran]


@pytest.fixture
def learn(learn: Learn) -> Learn:
    """Ends with this exit code, and with no traceback."""

    def run(*arguments: object, code: int = 0) -> Ran:
        done = learn(*arguments, code=code)
        assert "Traceback" not in done.err
        return done

    return run


def test_a_new_course_is_verified_once_its_todos_are_filled_in(learn: Learn, tmp_path: Path) -> None:
    made = learn("new", "course", "my-course").out
    assert "learn verify my_course --course my-course" in made
    told = learn("verify", "my_course", "--course", "my-course", "--seeds", 1, "--no-budget", code=1).out
    assert "the title still has a TODO" in told
    assert "the sentence of sum_for_mean still has a TODO" in told
    fill_in(tmp_path / "my-course")
    done = learn("verify", "my_course", "--course", "my-course", "--seeds", 1, "--mutate", "--write")
    assert "nothing to fix" in done.out
    assert "mutants noticed: 100.0%" in done.out


def test_a_new_exercise_is_added_in_order_and_nothing_is_overwritten(learn: Learn, tmp_path: Path) -> None:
    learn("new", "course", "mine")
    for name in ("mine/10_ten", "mine/02_two"):
        learn("new", "exercise", name, "--course", "mine")
    manifest = tmp_path / "mine" / "mine" / "exercises" / "mine" / "track.toml"
    names = [
        line.strip(' ",') for line in manifest.read_text("utf-8").splitlines() if line.startswith("    ")
    ]
    assert names == ["01_mean_of_squares", "02_two", "10_ten"]
    assert "mine/10" in learn("list", "--course", "mine").out
    stub = tmp_path / "mine" / "mine" / "exercises" / "mine" / "02_two" / "stub.py"
    stub.write_text("mine\n")
    assert "has '02_two' already" in learn("new", "exercise", "mine/02_two", "--course", "mine", code=2).err
    assert stub.read_text() == "mine\n"
    assert "exists and is not empty" in learn("new", "course", "mine", code=2).err


def test_a_new_track_goes_into_the_course_that_is_named(learn: Learn, tmp_path: Path) -> None:
    learn("new", "course", "mine")
    learn("new", "exercise", "more/01_first", "--course", "mine")
    assert (tmp_path / "mine" / "mine" / "exercises" / "more" / "track.toml").is_file()
    assert "more/01" in learn("list", "--course", "mine").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["exercise", "mine/1_short", "--course", "mine"], "TRACK/NN_slug"),
        (["exercise", "01_first"], "there is no track"),
        (["exercise", "mine/01_First", "--course", "mine"], "TRACK/NN_slug"),
        (["exercise", "mine/02_lambda", "--course", "mine"], "TRACK/NN_slug"),
        (["exercise", "nowhere/01_first"], "`learn new course NAME` makes a course"),
        (["course", "2-fast"], "not a valid name for a course"),
        (["course", "learn-torch"], "not a valid name for a course"),
        (["course", "_hidden"], "not a valid name for a course"),
        (["course", "core"], "not a valid name for a course"),
    ],
)
def test_names_that_are_none(learn: Learn, arguments: list[str], told: str) -> None:
    learn("new", "course", "mine")
    assert told in learn("new", *arguments, code=2).err


@pytest.fixture
def whole(course: Course) -> Path:
    """A course with everything in it, traces too."""
    traces = course.root / "grader" / "traces" / "mine"
    traces.mkdir(parents=True)
    (traces / "01_mean_of_squares.json").write_text("{}\n")
    (course.root / "solutions" / "mine" / "__pycache__").mkdir()
    (course.root / "solutions" / "mine" / "__pycache__" / "solution.pyc").write_bytes(b"x")
    return course.root


def folders(path: Path) -> set[str]:
    return {"/".join(file.relative_to(path).parts[:2]) for file in path.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    ("edition", "inside"),
    [
        ("student", {"exercises/mine", "grader/checks", "grader/traces"}),
        ("exam", {"exercises/mine"}),
        ("instructor", {"exercises/mine", "grader/checks", "grader/traces", "solutions/mine"}),
    ],
)
def test_an_edition_holds_what_it_says(
    learn: Learn, whole: Path, tmp_path: Path, edition: str, inside: set[str]
) -> None:
    learn("export", "course", "--edition", edition, "--out", "handed on", "--course", whole)
    assert folders(tmp_path / "handed on") == inside
    assert not list((tmp_path / "handed on").rglob("*.pyc"))
    assert "mine/01" in learn("list", "--course", "handed on").out
    answer = tmp_path / "mine.py"
    answer.write_text("def mean_of_squares(x):\n    return (x * x).mean()\n")
    checked = learn(
        "check", "mine/01", "--file", answer, "--course", "handed on", code=2 if edition == "exam" else 0
    )
    if edition == "exam":
        assert "mine/01 has no grader here" in checked.err
        assert "checked in class" in checked.err


def test_something_of_a_solution_is_not_handed_on(learn: Learn, whole: Path, tmp_path: Path) -> None:
    solution = (whole / "solutions" / "mine" / "01_mean_of_squares" / "alternatives" / "loop.py").read_text(
        "utf-8"
    )
    statement = whole / "exercises" / "mine" / "01_mean_of_squares" / "README.md"
    statement.write_text(statement.read_text("utf-8") + "\n" + solution, encoding="utf-8")
    assert [path.name for path, _lines in leaks(whole, whole / "exercises")] == ["README.md"]
    told = learn("export", "course", "--edition", "exam", "--out", "handed-on", "--course", whole, code=2).err
    assert "README.md: for number in x:" in told
    assert not (tmp_path / "handed-on").exists()


def test_nothing_is_overwritten_by_an_export(learn: Learn, whole: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").touch()
    told = learn("export", "course", "--out", "there", "--course", whole, code=2).err
    assert "exists and is not empty" in told
    assert "no such edition" in learn("export", "course", "--edition", "none", "--course", whole, code=2).err
    assert "there is no course 'nowhere'" in learn("export", "course", "nowhere", code=2).err


def test_nothing_of_the_core_solutions_is_in_what_a_student_gets(learn: Learn, tmp_path: Path) -> None:
    learn("export", "course", "core", "--edition", "student", "--out", "core")
    assert folders(tmp_path / "core") == {
        "exercises/core", "grader/checks", "grader/traces", *(f"datasets/{name}" for name in ("README.md", "ants_bees", "shapes10")),
    }  # fmt: skip


def test_the_course_that_is_named_counts_not_the_workspaces(learn: Learn, tmp_path: Path) -> None:
    for name in ("first", "second"):
        learn("new", "course", name)
    (tmp_path / "learn.toml").write_text('format_version = 1\nplugins = ["./first"]\n')
    learn("trust")
    learn("export", "course", "--out", "out", "--course", "second")
    assert folders(tmp_path / "out") == {"exercises/second", "grader/checks"}
    learn("new", "exercise", "more/01_first", "--course", "second")
    assert (tmp_path / "second" / "second" / "exercises" / "more").is_dir()


def test_a_stub_without_a_gap_and_a_short_solution_are_not_handed_on(learn: Learn, whole: Path) -> None:
    exercise = whole / "exercises" / "mine" / "01_mean_of_squares"
    reference = (whole / "solutions" / "mine" / "01_mean_of_squares" / "solution.py").read_text("utf-8")
    (exercise / "answer.py").write_text(reference, encoding="utf-8")
    told = learn("export", "course", "--out", "out", "--course", whole, code=2).err
    assert "answer.py: mean_of_squares" in told
    (exercise / "answer.py").unlink()
    (exercise / "stub.py").write_text(reference, encoding="utf-8")
    assert "a stub without a gap" in learn("export", "course", "--out", "out", "--course", whole, code=2).err


def test_what_an_exam_leaves_to_class_is_left_out_of_all(learn: Learn, whole: Path, tmp_path: Path) -> None:
    learn("export", "course", "--edition", "exam", "--out", "exam", "--course", whole)
    (tmp_path / "learn.toml").write_text(
        'format_version = 1\ntracks = ["mine"]\nplugins = ["./exam"]\ndefault_track = "mine"\n'
    )
    learn("trust")
    assert "has no grader here" in learn("check", "--all", code=2).err
    (tmp_path / "learn.toml").write_text(
        'format_version = 1\ntracks = ["core", "mine"]\nplugins = ["./exam"]\n'
    )
    learn("trust")
    done = learn("check", "--all", "--json", code=1)
    assert "mine/01 has no grader here and is skipped" in done.err


def test_a_course_is_exported_into_an_empty_folder_that_is_there(
    learn: Learn, whole: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    learn("export", "course", "--out", "out", "--course", whole)
    assert "exercises/mine" in folders(tmp_path / "out")


def test_what_an_author_wrote_into_a_list_of_exercises_stays(tmp_path: Path) -> None:
    written = "id = 'mine'  # ours\nexercises = [\n    '01_one',  # first [week]\n    '07_seven',\n    '03_three',  # last\n]\n"
    manifest = tmp_path / "exercises" / "mine" / "track.toml"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(
        "format_version = 1\ntitle = { en = 'Mine', zh = '我的' }\n" + written, encoding="utf-8"
    )
    new_exercise(tmp_path, "mine", "02_two")
    added = written.replace("    '07", '    "02_two",\n    \'07')
    assert manifest.read_text("utf-8").endswith(added)


def test_a_list_that_cannot_be_added_to_stays(tmp_path: Path) -> None:
    text = "format_version = 1\nid = 'mine'\ntitle = { en = 'Mine', zh = '我的' }\nexercises = [\n    '01_one'\n    # the end\n]\n"
    manifest = tmp_path / "exercises" / "mine" / "track.toml"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(text, encoding="utf-8")
    with pytest.raises(LearnError, match="to add to"):
        new_exercise(tmp_path, "mine", "02_two")
    assert manifest.read_text("utf-8") == text


def test_a_list_of_exercises_that_is_indented_is_added_to(learn: Learn, tmp_path: Path) -> None:
    learn("new", "course", "mine")
    manifest = tmp_path / "mine" / "mine" / "exercises" / "mine" / "track.toml"
    manifest.write_text(manifest.read_text("utf-8").replace("exercises =", "  exercises ="), encoding="utf-8")
    learn("new", "exercise", "mine/02_two", "--course", "mine")
    assert "mine/02" in learn("list", "--course", "mine").out

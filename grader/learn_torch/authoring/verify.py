"""`learn verify`: is a grader as good as it says? Everything about some exercises that can be found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from learn_torch.authoring import behaviour, mutation, recognition, texts
from learn_torch.authoring.behaviour import Behaviour, Bench
from learn_torch.authoring.checkers import Checkers
from learn_torch.authoring.findings import Finding, finding
from learn_torch.authoring.mutants import Mutant
from learn_torch.authoring.mutation import Mutation
from learn_torch.authoring.parsing import check_parsing
from learn_torch.authoring.solutions import Solutions
from learn_torch.authoring.wrong_types import wrong_types_of
from learn_torch.course import Catalogue, Exercise
from learn_torch.errors import LearnError, ManifestError


class Survivor(Struct, frozen=True):
    """A mutant that no check noticed."""

    statement: str
    becomes: str
    diff: str


class Verified(Struct, frozen=True):
    """One exercise. `mutants` are those to be noticed; None where none were made."""

    exercise: str
    slug: str
    right: int
    mistakes: int
    seconds: float
    findings: list[Finding]
    mutants: int | None = None
    killed: int | None = None
    equivalent: int | None = None
    hung: int | None = None
    survivors: list[Survivor] = []


class VerifyReport(Struct, frozen=True):
    """What `learn verify --json` prints. `findings` are those of all exercises and of whole tracks."""

    exercises: list[Verified]
    findings: list[Finding]
    score: float | None
    schema: int = 1


class Verifier:
    """Verifies exercises.

    Args:
        catalogue: all exercises: what one requires may be of another course.
        checkers: run the submissions.
        with_card: run them on a CUDA card, where there is one: what is right has to pass there, too.
        seeds: with how many seeds each solution is checked.
        mutants: make mutants, too.
        measured: find out how long a check takes, and hold it against the budget.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        checkers: Checkers,
        with_card: Checkers | None = None,
        *,
        seeds: int = 20,
        mutants: bool = False,
        measured: bool = True,
    ) -> None:
        self._catalogue, self._checkers, self._with_card = catalogue, checkers, with_card
        self._seeds, self._mutants, self._measured = seeds, mutants, measured

    def runs(self, exercise: Exercise) -> int:
        """About how many runs an exercise takes."""
        solutions = Solutions.of(exercise)
        if not solutions.reference.is_file():
            return 0
        try:
            spoilt = len(
                list(wrong_types_of(solutions.reference.read_text("utf-8"), exercise.manifest.functions))
            )
            mutants = len(mutation.listed(exercise)[0]) if self._mutants else 0
        except (SyntaxError, UnicodeDecodeError, LearnError):
            return 0
        elsewhere = min(self._seeds, behaviour.OTHER_DEVICE_SEEDS) * (2 if self._with_card else 1)
        right = len(solutions.right) * (self._seeds + elsewhere)
        on_cpu = exercise.manifest.device == "cpu"
        return (
            2
            + right
            + recognition.SEEDS
            + len(solutions.mistakes) * (self._seeds + 1 + on_cpu)
            + spoilt
            + mutants
        )

    def verify(
        self, exercises: Sequence[Exercise], done: Callable[[], None], began: Callable[[Exercise], None]
    ) -> VerifyReport:
        """Verify exercises, and the tracks that are whole among them.

        Args:
            exercises: which.
            done: called after every run.
            began: called when an exercise's turn comes.

        Raises:
            EngineError: the processes could not be started.
        """
        tracks = {exercise.track.id: exercise.track for exercise in exercises}
        findings = [one for track in tracks.values() for one in texts.check_track(track, self._catalogue)]
        bench = Bench(self._checkers, self._with_card, self._seeds, done)
        verified = []
        for exercise in exercises:
            began(exercise)
            verified.append(self._exercise(exercise, bench))
        findings += [one for exercise in verified for one in exercise.findings]
        return VerifyReport(verified, findings, _score(verified))

    def _exercise(self, exercise: Exercise, bench: Bench) -> Verified:
        findings = [*texts.check_exercise(exercise), *check_parsing(exercise)]
        try:
            found = behaviour.behave(exercise, bench)
            findings += found.findings
            findings += recognition.check_recognisable(exercise, bench)
            mutated = self._mutated(exercise, bench, found)
        except (SyntaxError, UnicodeDecodeError) as error:
            findings.append(
                finding(exercise.key, "reference", f"not valid Python: {error}", exercise.solutions)
            )
            return _verified(exercise, findings, Behaviour(), None)
        except ManifestError:  # of equivalent.toml, and among the findings already
            return _verified(exercise, findings, Behaviour(), None)
        if mutated is not None:
            findings += mutation.check_score(exercise, mutated)
        findings += mutation.check_equivalents(exercise)
        findings += self._idle_checks(exercise, bench, found, mutated)
        if self._measured and found.seconds > exercise.manifest.budget:
            message = f"a check takes {found.seconds:.1f} s, and its budget is {exercise.manifest.budget:g} s"
            findings.append(finding(exercise.key, "budget", message, exercise.grader))
        return _verified(exercise, findings, found, mutated)

    def _idle_checks(
        self, exercise: Exercise, bench: Bench, found: Behaviour, mutated: Mutation | None
    ) -> Iterator[Finding]:
        """Checks that nothing wrong has ever failed."""
        idle = {check.name for check in exercise.manifest.checks} - found.failed
        what = "notices no mistake"
        if mutated is not None:
            idle -= mutated.failed
            if idle:  # what a mutant fails after its first failure was not looked at yet
                idle -= mutation.failed_by_mutants(exercise, bench, idle)
            what = "notices no mistake and no mutant"
        if Solutions.of(exercise).mistakes:
            for name in sorted(idle):
                yield finding(exercise.key, "check", f"{name} {what}", exercise.grader)

    def _mutated(self, exercise: Exercise, bench: Bench, found: Behaviour) -> Mutation | None:
        if not Solutions.of(exercise).reference.is_file():
            return None
        found.seconds = bench.checkers.run(lambda checker: behaviour.measure(exercise, checker))
        return mutation.mutate(exercise, bench, found.seconds) if self._mutants else None


def _verified(
    exercise: Exercise, findings: list[Finding], found: Behaviour, mutated: Mutation | None
) -> Verified:
    return Verified(
        exercise=exercise.key,
        slug=exercise.slug,
        right=found.right,
        mistakes=found.mistakes,
        seconds=round(found.seconds, 3),
        findings=findings,
        mutants=mutated.killed + len(mutated.survivors) if mutated else None,
        killed=mutated.killed if mutated else None,
        equivalent=mutated.equivalent if mutated else None,
        hung=len(mutated.hung) if mutated else None,
        survivors=list(map(_survivor, mutated.survivors)) if mutated else [],
    )


def _survivor(mutant: Mutant) -> Survivor:
    return Survivor(mutant.statement, mutant.becomes, mutant.diff)


def _score(verified: Sequence[Verified]) -> float | None:
    mutants = sum(one.mutants or 0 for one in verified)
    return round(sum(one.killed or 0 for one in verified) / mutants, 4) if mutants else None

"""The digest of a grader. Reports with the same digest were judged by the same tests under the same conditions."""

from __future__ import annotations

import msgspec

from learn_torch.course.catalogue import Exercise


def grader_digest(exercise: Exercise) -> str:
    """SHA-256, as 64 hexadecimal digits, of everything that decides how a submission is judged.

    The hashed bytes are: a line of JSON with the manifest's `device`, `imports`, `memory`, `processes` and
    `time_limit`; then for the grader and for each file of its `fixtures`, in the manifest's order, a line of JSON with
    the file's name and its number of bytes, followed by its bytes. Line ends count as LF, so that a checkout on Windows
    has the same digest. Titles, texts and points are left out, because the report has them.

    Raises:
        OSError: the grader or one of its fixtures is missing.
    """
    import hashlib  # imports OpenSSL, and most commands check nothing

    manifest = exercise.manifest
    digest = hashlib.sha256()
    conditions = {
        "device": manifest.device,
        "imports": manifest.imports,
        "memory": manifest.memory_bytes,
        "processes": manifest.processes,
        "time_limit": manifest.time_limit,
    }
    digest.update(msgspec.json.encode(conditions) + b"\n")
    for path in (exercise.grader, *exercise.fixtures):
        source = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(msgspec.json.encode([path.name, len(source)]) + b"\n" + source)
    return digest.hexdigest()

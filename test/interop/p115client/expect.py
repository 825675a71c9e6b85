"""What a check may say."""

from collections.abc import Callable
from typing import Any

# What one check is called, and a function that returns when it is content.
Check = tuple[str, Callable[[], object]]


def require(seen: object, wanted: object) -> None:
    if seen != wanted:
        raise AssertionError(f"{seen!r} is not {wanted!r}")


def require_error(kind: type[BaseException], run: Callable[[], object]) -> BaseException:
    try:
        seen = run()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} but {seen!r}")


def summarize(entry: dict[str, Any]) -> tuple[object, ...]:
    """An entry as p115client normalizes it, comparable with the truth."""
    kind = "directory" if entry["is_dir"] else "file"
    return int(entry["id"]), entry["name"], kind, entry["sha1"] or "", entry["pickcode"], entry["size"] or 0


def summarize_truth(entry: dict[str, Any]) -> tuple[object, ...]:
    """The same of an entry in the sandbox's tree."""
    return int(entry["id"]), entry["name"], entry["kind"], entry["sha1"] or "", entry["pickcode"], entry["size"] or 0

"""The door: a path to a submission."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.collect import IntakeLimits, read_submission
from grader.errors import AutogradeError, SubmissionError
from grader.model import HandInStatus

Write = Callable[[dict[str, str]], Path]
S, N, U = HandInStatus.SUBMITTED, HandInStatus.NOT_SUBMITTED, HandInStatus.UNREADABLE


def test_a_folder_is_read(kit: SimpleNamespace, hand_in: Write) -> None:
    """One hand-in per exercise asked for, in the order asked."""
    root = hand_in({"03-06-softmax/softmax.py": kit.FILLED, "notes.txt": "hello"})
    submission = read_submission(root, [kit.VOCAB, kit.SOFTMAX])
    assert [one.exercise_id for one in submission.hand_ins] == ["08-02-vocab", "03-06-softmax"]
    assert [one.status for one in submission.hand_ins] == [N, S]
    assert submission.owner == "alice"
    assert submission.origin == str(root)
    assert submission.commit == ""


def test_one_bad_file_spoils_one_exercise(kit: SimpleNamespace, hand_in: Write) -> None:
    """The other exercises are graded."""
    root = hand_in({"softmax.py": "def f(:", "vocab.py": "class Vocab: pass\n"})
    submission = read_submission(root, [kit.SOFTMAX, kit.VOCAB])
    assert [one.status for one in submission.hand_ins] == [U, S]


@pytest.mark.parametrize("name", ["08-02-vocab", "vocab.py", "alice"])
def test_a_disk_that_fails_makes_nothing_missing_or_unreadable(
    kit: SimpleNamespace, hand_in: Write, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Not even one exercise of a hand-in whose others can be read: it would earn a zero."""
    root = hand_in({"softmax.py": kit.FILLED, "08-02-vocab/vocab.py": "class Vocab: pass\n"})
    plain = os.open

    def failing(path: str | Path, *rest: int, **options: int) -> int:
        if Path(path).name == name:
            raise OSError(errno.EIO, "Input/output error", str(path))
        return plain(path, *rest, **options)

    monkeypatch.setattr(os, "open", failing)
    with pytest.raises(AutogradeError, match=r"fails to read it.*input/output error") as caught:
        read_submission(root, [kit.SOFTMAX, kit.VOCAB])
    assert not isinstance(caught.value, SubmissionError)


@pytest.mark.parametrize("call", ["lstat", "stat"])
def test_a_disk_that_fails_before_anything_is_opened_is_ours(
    kit: SimpleNamespace, hand_in: Write, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """The path of a hand-in is looked at first."""
    root = hand_in({"softmax.py": kit.FILLED})
    plain = getattr(os, call)

    def failing(path: Any, *rest: Any, **options: Any) -> os.stat_result:
        if Path(path) == root:
            raise OSError(errno.ESTALE, "Stale file handle", str(path))
        found: os.stat_result = plain(path, *rest, **options)
        return found

    monkeypatch.setattr(os, call, failing)
    with pytest.raises(AutogradeError, match=r"fails to read it.*stale file handle") as caught:
        read_submission(root, [kit.SOFTMAX])
    assert not isinstance(caught.value, SubmissionError)


def test_a_zip_is_read_like_the_folder(
    kit: SimpleNamespace, hand_in: Write, tmp_path: Path
) -> None:
    """The same files are the same submission, wrapped or not."""
    files = {"assignments/03-06-softmax/softmax.py": kit.FILLED}
    path = tmp_path / "alice.ZIP"
    path.write_bytes(kit.zipped({f"repo-main/{name}": text for name, text in files.items()}))
    zipped = read_submission(path, [kit.SOFTMAX])
    folder = read_submission(hand_in(files), [kit.SOFTMAX])
    assert zipped.id == folder.id
    assert zipped.owner == folder.owner == "alice"
    assert zipped.hand_ins[0].source == kit.FILLED


@pytest.mark.parametrize("name", ["softmax.py", "my answer (1).py", "SOFTMAX.PY"])
def test_a_single_file_answers_the_only_exercise(
    kit: SimpleNamespace, hand_in: Write, name: str
) -> None:
    """Whatever its name."""
    path = hand_in({name: kit.FILLED}) / name
    submission = read_submission(path, [kit.SOFTMAX])
    assert submission.hand_ins[0].status is S
    assert submission.hand_ins[0].path == name
    assert submission.owner == path.stem


def test_a_single_file_is_told_by_its_name_among_many(kit: SimpleNamespace, hand_in: Write) -> None:
    """And if its name says nothing, the message says what to pass."""
    root = hand_in({"vocab.ipynb": kit.notebook("class Vocab: pass"), "answer.py": "x = 1\n"})
    submission = read_submission(root / "vocab.ipynb", [kit.SOFTMAX, kit.VOCAB])
    assert [one.status for one in submission.hand_ins] == [N, S]
    with pytest.raises(SubmissionError, match="-e with one of: 03-06-softmax, 08-02-vocab"):
        read_submission(root / "answer.py", [kit.SOFTMAX, kit.VOCAB])


def test_nothing_that_matches_is_an_error_that_says_what_is_there(
    kit: SimpleNamespace, hand_in: Write
) -> None:
    """The student sees what was looked for and what was found instead."""
    root = hand_in({"hw3/answer.py": "x = 1\n", "notes\x1b.txt": ""})
    with pytest.raises(SubmissionError) as caught:
        read_submission(root, [kit.SOFTMAX])
    assert "hw3 (a folder), notes\\x1b.txt (a file)" in caught.value.what
    assert "03-06-softmax/softmax.py (or .ipynb)" in caught.value.what_now


@pytest.mark.parametrize("name", ["nothing", "a.tar.gz", "weights.pt", "a\0b"])
def test_what_is_no_hand_in_is_refused(kit: SimpleNamespace, hand_in: Write, name: str) -> None:
    """Other kinds of files are not opened, and a missing path is said to be missing."""
    root = hand_in({"a.tar.gz": "", "weights.pt": ""})
    with pytest.raises(SubmissionError, match=r"no such file|not a hand-in|cannot be opened"):
        read_submission(root / name, [kit.SOFTMAX])


def test_a_link_in_the_place_of_the_hand_in_is_refused(
    kit: SimpleNamespace, hand_in: Write, tmp_path: Path
) -> None:
    """A class folder may hold links to a neighbour's work."""
    (tmp_path / "bob").symlink_to(hand_in({"softmax.py": kit.FILLED}))
    with pytest.raises(SubmissionError, match="links are not followed"):
        read_submission(tmp_path / "bob", [kit.SOFTMAX])


def test_only_files_that_can_answer_are_opened(kit: SimpleNamespace, hand_in: Write) -> None:
    """A FIFO, an unreadable file or a plugin of pytest beside the answer is never touched."""
    root = hand_in({"softmax.py": kit.FILLED, "conftest.py": "1/0", "evil.pth": "import os"})
    os.mkfifo(root / "data")
    os.utime(root / "conftest.py", (0, 0))
    read_submission(root, [kit.SOFTMAX])
    assert (root / "conftest.py").stat().st_atime == 0


def test_nothing_is_imported_and_nothing_written(kit: SimpleNamespace, hand_in: Write) -> None:
    """Reading leaves the folder and the interpreter as they were, and loads no torch."""
    root = hand_in({"softmax.py": "raise SystemExit\n", "sitecustomize.py": "raise SystemExit\n"})
    before = sorted(root.rglob("*"))
    script = (
        "import sys\nfrom pathlib import Path\nfrom fractions import Fraction\n"
        "from grader.collect import read_submission\n"
        "from grader.model import Exercise, Limits\n"
        "no = Path('/nowhere')\n"
        "one = Exercise('03', '', '', 'softmax', Fraction(1), (), Limits(), no, no, no)\n"
        "print(read_submission(Path(sys.argv[1]), [one]).hand_ins[0].status)\n"
        "print({'softmax', 'torch', 'nbformat'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, root], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["submitted", "set()"]
    assert sorted(root.rglob("*")) == before


def test_the_time_is_that_of_the_newest_graded_file(kit: SimpleNamespace, hand_in: Write) -> None:
    """Other files do not make a hand-in late."""
    root = hand_in({"softmax.py": kit.FILLED, "vocab.py": "x = 1\n", "later.txt": ""})
    os.utime(root / "softmax.py", (1000, 1000))
    os.utime(root / "vocab.py", (2000, 2000))
    submission = read_submission(root, [kit.SOFTMAX, kit.VOCAB])
    assert submission.received_at == datetime.fromtimestamp(2000, UTC)


def test_the_commit_of_a_working_copy_is_told(kit: SimpleNamespace, hand_in: Write) -> None:
    """Clean: the commit's time. Changed since: the file's, with a note."""
    root = hand_in({"softmax.py": kit.FILLED})
    who = ["-c", "user.name=Alice", "-c", "user.email=alice@example.org"]
    env = {**os.environ, "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "Softmax"]):
        subprocess.run(["git", "-C", root, *command], env=env, check=True)
    clean = read_submission(root, [kit.SOFTMAX])
    assert len(clean.commit) == 40
    assert clean.received_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert clean.notes == ()
    single = read_submission(root / "softmax.py", [kit.SOFTMAX])
    assert single.commit == clean.commit
    (root / "softmax.py").write_text(kit.FILLED + "\n")
    os.utime(root / "softmax.py", (1000, 1000))
    changed = read_submission(root, [kit.SOFTMAX])
    assert changed.commit == clean.commit
    assert changed.received_at == datetime.fromtimestamp(1000, UTC)
    assert "changed since" in changed.notes[0].text


def test_the_owner_is_who_the_caller_says(kit: SimpleNamespace, hand_in: Write) -> None:
    """A better name than the folder's is taken, and made printable."""
    root = hand_in({"softmax.py": kit.FILLED})
    assert read_submission(root, [kit.SOFTMAX], owner="b\x1bob").owner == "b\\x1bob"


def test_the_id_follows_the_bytes_and_nothing_else(kit: SimpleNamespace, hand_in: Write) -> None:
    """Another byte is another submission; another place, time or neighbour file is not."""
    first = read_submission(hand_in({"softmax.py": kit.FILLED}), [kit.SOFTMAX]).id
    root = hand_in({"softmax.py": kit.FILLED, "README.md": "new"})
    os.utime(root / "softmax.py", (0, 0))
    assert read_submission(root, [kit.SOFTMAX], owner="bob").id == first
    assert read_submission(root, [kit.SOFTMAX, kit.VOCAB]).id == first
    moved = hand_in({"assignments/03-06-softmax/softmax.py": kit.FILLED})
    assert read_submission(moved, [kit.SOFTMAX]).id == first
    both = hand_in({"assignments/08-02-vocab/vocab.py": "x = 1\n"})
    there, back = [kit.SOFTMAX, kit.VOCAB], [kit.VOCAB, kit.SOFTMAX]
    assert read_submission(both, there).id == read_submission(both, back).id != first
    changed = hand_in({"assignments/03-06-softmax/softmax.py": kit.FILLED + "\n"})
    assert read_submission(changed, [kit.SOFTMAX]).id != first


def test_limits_of_the_caller_hold(kit: SimpleNamespace, hand_in: Write) -> None:
    """A course may ask for more or less."""
    root = hand_in({"softmax.py": "#" * 2000 + "\n"})
    submission = read_submission(root, [kit.SOFTMAX], limits=IntakeLimits(source_kib=1))
    assert submission.hand_ins[0].problem == "softmax.py has more than 1 KiB."


@given(st.sampled_from([".py", ".ipynb", ".zip"]), st.binary(max_size=200))
def test_no_single_file_raises_anything_but_a_submission_error(
    kit: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory, suffix: str, data: bytes
) -> None:
    """Whatever its bytes, a file is read, called unreadable, or refused."""
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(data)
    try:
        submission = read_submission(path, [kit.SOFTMAX])
    except SubmissionError:
        assert suffix == ".zip"
        return
    assert submission.hand_ins[0].status in {S, U}

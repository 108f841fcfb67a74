"""Fetching: resumed, checked, and polite without a network. A small server plays the home."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from grader.data import find, idx
from grader.data.fetch import fetch, fetch_file
from grader.data.sets import DataFile, DataSet
from grader.errors import UsageError

DATA = bytes(range(256)) * 1000
CONTENT = idx.packed(hashlib.sha256(DATA).digest() * 3000 + DATA)
PLAIN = idx.unpacked(CONTENT, 1 << 20)


class _Home(BaseHTTPRequestHandler):
    """Serves one content, by ranges too, and notes what was asked for."""

    content = CONTENT
    ranges: tuple[str, ...] = ()

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        type(self).ranges += (wanted,)
        start = int(wanted.removeprefix("bytes=").rstrip("-") or 0)
        if start >= len(self.content):
            self.send_error(416)
            return
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        self.wfile.write(self.content[start:])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Keep quiet."""


@pytest.fixture
def home() -> Iterator[tuple[type[_Home], DataFile]]:
    """Start a server; give its class and the file that it offers."""
    handler = type("Home", (_Home,), {"ranges": ()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/thing.gz"
    yield handler, DataFile("thing", len(PLAIN), hashlib.sha256(PLAIN).hexdigest(), url)
    server.shutdown()
    server.server_close()
    thread.join()


def _quiet(name: str, here: int) -> None:
    """Show no progress."""


def test_a_file_comes_whole(home: tuple[type[_Home], DataFile], tmp_path: Path) -> None:
    """What the home offers is kept under its name, and nothing else is left."""
    fetch_file(home[1], tmp_path, _quiet)

    assert [path.name for path in tmp_path.iterdir()] == ["thing.gz"]
    assert find.content(home[1], tmp_path / "thing.gz") == PLAIN


def test_a_broken_transfer_goes_on(home: tuple[type[_Home], DataFile], tmp_path: Path) -> None:
    """The bytes that are here are not asked for again."""
    (tmp_path / "thing.gz.part").write_bytes(CONTENT[:500])

    fetch_file(home[1], tmp_path, _quiet)

    assert home[0].ranges == ("bytes=500-",)
    assert find.content(home[1], tmp_path / "thing.gz") == PLAIN


def test_a_complete_part_is_only_renamed(
    home: tuple[type[_Home], DataFile], tmp_path: Path
) -> None:
    """A run that was killed before the last step has nothing more to fetch."""
    (tmp_path / "thing.gz.part").write_bytes(CONTENT)

    fetch_file(home[1], tmp_path, _quiet)

    assert find.content(home[1], tmp_path / "thing.gz") == PLAIN


def test_a_right_file_is_not_fetched_again(
    home: tuple[type[_Home], DataFile], tmp_path: Path
) -> None:
    """The second call asks nobody."""
    fetch_file(home[1], tmp_path, _quiet)
    fetch_file(home[1], tmp_path, _quiet)

    assert len(home[0].ranges) == 1


def test_a_wrong_answer_is_thrown_away(home: tuple[type[_Home], DataFile], tmp_path: Path) -> None:
    """A login page instead of the file is refused, and the next try starts from nothing."""
    home[0].content = b"<html>Log in to the network</html>"

    with pytest.raises(UsageError, match="is not the file"):
        fetch_file(home[1], tmp_path, _quiet)

    assert list(tmp_path.iterdir()) == []


def test_too_much_is_not_written(home: tuple[type[_Home], DataFile], tmp_path: Path) -> None:
    """A home that never stops fills no disk."""
    home[0].content = b"\0" * (len(PLAIN) + find.PACKED_SLACK_BYTES + 1_000_000)

    with pytest.raises(UsageError, match="is not the file"):
        fetch_file(home[1], tmp_path, _quiet)


def test_without_a_network_it_says_what_to_do(
    home: tuple[type[_Home], DataFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the home and the folder into which files can be copied."""
    monkeypatch.setenv(find.VARIABLE, str(tmp_path))
    unreachable = dataclasses.replace(home[1], url="http://127.0.0.1:9/thing.gz")
    wanted = DataSet("thing", "A thing", "none", (unreachable,), ("thing",))

    with pytest.raises(UsageError) as caught:
        fetch(wanted, _quiet)

    assert "where there is a network" in str(caught.value)
    assert str(tmp_path / "thing") in str(caught.value)


def test_what_was_fetched_is_found(
    home: tuple[type[_Home], DataFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder that `fetch` fills is one that the search looks into."""
    monkeypatch.setenv(find.VARIABLE, str(tmp_path))
    wanted = DataSet("thing", "A thing", "none", (home[1],), ("thing",))

    folder = fetch(wanted, _quiet)

    assert find.find(wanted).folder == folder

"""PostgreSQL, a server of the tests' own: fixtures for whoever keeps a gradebook in it."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_READY_S = 60
_NUMBER = itertools.count()


def _as_user(user: str) -> list[str]:
    """Begin a command line whose program dies with the tests, and never runs as root."""
    words = ["setpriv", "--pdeathsig=SIGINT"]
    if os.geteuid() == 0:
        words += [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    return words


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """One server for all tests, on a socket in a folder of its own, without a network."""
    if not _PROGRAMS or shutil.which("setpriv") is None:
        pytest.skip("PostgreSQL's server or setpriv is not installed (apt install postgresql)")
    programs = _PROGRAMS[-1]
    home = Path(tempfile.mkdtemp(prefix="autograde-pg-", dir="/tmp"))
    user = "postgres"
    if os.geteuid() == 0:
        shutil.chown(home, user, user)
    data = str(home / "data")
    make = [*_as_user(user), str(programs / "initdb"), "-D", data, "-A", "trust", "-N"]
    options = ["-c", "listen_addresses=", "-k", str(home), "-c", "fsync=off"]
    serve = [*_as_user(user), str(programs / "postgres"), "-D", data, *options]
    with (home / "log").open("wb") as log:
        subprocess.run(
            [*make, "-U", "teacher", "--locale=C", "-E", "UTF8"],
            cwd=home, check=True, stdout=log, stderr=log, timeout=300,
        )  # fmt: skip
        server = subprocess.Popen(serve, cwd=home, stdout=log, stderr=log)
    try:
        url = make_url(f"postgresql+psycopg://teacher@/postgres?host={home}")
        _wait_for(url, server, home / "log")
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(_READY_S)
        shutil.rmtree(home)


def _wait_for(url: URL, server: subprocess.Popen[bytes], log: Path) -> None:
    engine = create_engine(url)
    for _ in range(_READY_S * 10):
        try:
            engine.connect().close()
        except OperationalError:
            if server.poll() is not None:
                break
            signal.sigtimedwait([], 0.1)
        else:
            engine.dispose()
            return
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text()}")


@pytest.fixture
def postgres(postgres_server: URL) -> URL:
    """An empty schema in the server: as empty as a new database, and made sooner."""
    name = f"class_{next(_NUMBER)}"
    engine = create_engine(postgres_server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return postgres_server.update_query_dict({"options": f"-csearch_path={name}"})

"""Which file answers which exercise."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import pytest

from grader.collect.layout import Found, find
from grader.collect.tree import Kind


class Listing:
    """A tree of names alone."""

    def __init__(self, *names: str, **kinds: Kind) -> None:
        """Make the folders of these names."""
        self._folders: dict[str, dict[str, Kind]] = {"": {}}
        self.asked: list[str] = []
        for name in names:
            parent = ""
            *folders, last = name.split("/")
            for part in folders:
                self._folders[parent].setdefault(part, Kind.FOLDER)
                parent = f"{parent}/{part}".removeprefix("/")
                self._folders.setdefault(parent, {})
            self._folders[parent][last] = kinds.get(last.partition(".")[0], Kind.FILE)

    def entries(self, folder: str) -> Mapping[str, Kind]:
        """List a folder and remember that it was asked for."""
        self.asked.append(folder)
        return self._folders.get(folder, {})


def look(kit: SimpleNamespace, *names: str, folder: str = "alice", **kinds: Kind) -> dict:
    """Find both exercises among these names."""
    return find(Listing(*names, **kinds), [kit.SOFTMAX, kit.VOCAB], folder)


@pytest.mark.parametrize(
    "place",
    [
        "assignments/03-06-softmax/",
        "03-06-softmax/",
        "solutions/03-06-softmax/",
        "",
        "repo-main/assignments/03-06-softmax/",
        "repo-main/03-06-softmax/",
        "repo-main/solutions/03-06-softmax/",
        "repo-main/",
    ],
)
def test_every_layout_is_understood(kit: SimpleNamespace, place: str) -> None:
    """With and without assignments, flat, and inside one wrapping folder."""
    found = look(kit, f"{place}softmax.py", f"{place}softmax.ipynb", "README.md")
    assert found == {"03-06-softmax": Found(f"{place}softmax.py", f"{place}softmax.ipynb")}


def test_the_places_have_an_order(kit: SimpleNamespace) -> None:
    """A stray copy elsewhere does not replace what stands in the course's own layout."""
    names = ["softmax.py", "solutions/03-06-softmax/softmax.py", "03-06-softmax/softmax.ipynb"]
    assert look(kit, *names)["03-06-softmax"] == Found(notebook=names[2])
    names.append("assignments/03-06-softmax/softmax.py")
    assert look(kit, *names)["03-06-softmax"] == Found(python=names[3])
    assert look(kit, *names[:2])["03-06-softmax"] == Found(python=names[1])


def test_a_folder_that_is_an_exercise_answers_it_alone(kit: SimpleNamespace) -> None:
    """Flat files in 03-06-softmax are not read for another exercise."""
    found = look(kit, "softmax.py", "vocab.py", folder="03-06-softmax")
    assert found == {"03-06-softmax": Found("softmax.py")}


def test_a_wrapper_is_only_looked_into_when_it_is_alone(kit: SimpleNamespace) -> None:
    """Of two folders none is chosen; what the systems of this world add does not count."""
    assert look(kit, "a/softmax.py", "b/c.txt") == {}
    assert look(kit, "a/softmax.py", "__MACOSX/a/._softmax.py", ".git/config")
    assert look(kit, "vocab.py", "a/softmax.py").keys() == {"08-02-vocab"}


def test_case_is_forgiven_when_it_is_clear(kit: SimpleNamespace) -> None:
    """Softmax.py counts, unless softmax.py is there, or two spellings are."""
    assert look(kit, "SoftMax.PY")["03-06-softmax"].python == "SoftMax.PY"
    assert look(kit, "Softmax.py", "softmax.py")["03-06-softmax"].python == "softmax.py"
    assert look(kit, "Softmax.py", "SOFTMAX.py") == {}
    assert look(kit, "Assignments/03-06-Softmax/softmax.py")


def test_a_link_in_a_place_blocks_it(kit: SimpleNamespace) -> None:
    """A link is reported rather than overlooked."""
    found = look(kit, "03-06-softmax", **{"03-06-softmax": Kind.LINK})
    assert found == {"03-06-softmax": Found(blocked="03-06-softmax", blocked_kind=Kind.LINK)}
    found = look(kit, "softmax.py", softmax=Kind.LINK)
    assert found == {"03-06-softmax": Found(blocked="softmax.py", blocked_kind=Kind.LINK)}


def test_a_blocked_notebook_does_not_block_the_module(kit: SimpleNamespace) -> None:
    """Each file of a pair is looked at alone."""
    tree = Listing("softmax.py", "softmax.ipynb")
    tree._folders[""]["softmax.ipynb"] = Kind.LINK
    found = find(tree, [kit.SOFTMAX], "alice")["03-06-softmax"]
    assert found.python == "softmax.py"
    assert found.blocked == "softmax.ipynb"
    assert found.notebook == ""


def test_only_folders_that_can_matter_are_listed(kit: SimpleNamespace) -> None:
    """Data, environments and caches are not walked, and no folder is listed twice."""
    tree = Listing("softmax.py", "data/x.bin", ".venv/lib/a.py", "assignments/other/x.py")
    find(tree, [kit.SOFTMAX, kit.VOCAB], "alice")
    assert sorted(tree.asked) == ["", "assignments"]

"""Cards from the trusted side: what is found without one, and what hides one."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cell import card, card_view
from grader.model import CPU, Device

UUID = "GPU-23a26090-0dfe-4a7e-afe4-d41b046f912a"


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an empty folder in the place of /dev."""
    monkeypatch.setattr(card_view, "DEV", tmp_path)
    return tmp_path


def test_a_machine_without_a_card_says_so(dev: Path) -> None:
    """Verdicts of such a machine depend on its CPU alone, whatever is asked for."""
    del dev
    assert card.find() == ((), "this machine has no NVIDIA card, or its driver is not loaded")
    assert {card.device_class(wanted) for wanted in Device} == {CPU}


def test_a_missing_node_is_named_with_its_remedy(dev: Path) -> None:
    """The node of unified memory is made by the first program, if nobody made it before."""
    for name in ("nvidiactl", "nvidia0"):
        (dev / name).touch()
    assert "nvidia-uvm is missing" in card.find()[1]
    assert "nvidia-modprobe" in card.find()[1]


def test_a_torch_without_cuda_uses_no_card(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told by reading a file; importing torch takes seconds."""
    for name in ("nvidiactl", "nvidia0", "nvidia-uvm"):
        (dev / name).touch()
    monkeypatch.setattr(card, "_torch_has_cuda", lambda: False)
    assert card.find() == ((), "this torch was built without CUDA")


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("cuda: Optional[str] = None\nhip: Optional[str] = None\n", False),
        ("cuda: Optional[str] = '13.0'\n", True),
        ('cuda = "12.8"\n', True),
        ("hip: Optional[str] = '6.4'\n", False),
    ],
)
def test_how_torch_was_built_is_read_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, has: bool
) -> None:
    """Both forms that its build has written."""
    package = tmp_path / "torch"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "version.py").write_text(f"__version__ = '2.13'\n{text}", "utf-8")
    monkeypatch.setattr(
        card.importlib.util, "find_spec", lambda _: type("S", (), {"origin": str(package / "x.py")})
    )
    assert card._torch_has_cuda() is has


@pytest.mark.parametrize(
    ("variable", "shown"),
    [(None, True), ("", False), ("0", False), ("1", True), ("0, 1", True), (UUID, True),
     ("GPU-23a26090", True), ("GPU-99", False)],
)  # fmt: skip
def test_cards_that_the_user_hides_stay_hidden(
    monkeypatch: pytest.MonkeyPatch, variable: str | None, shown: bool
) -> None:
    """By number or by the beginning of its name, as CUDA reads the variable."""
    if variable is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", variable)
    assert card._is_shown(1, UUID) is shown


def test_the_nodes_of_all_cards_are_shown_and_no_other(dev: Path) -> None:
    """The driver has further nodes, for settings and for debuggers; a cell needs none of them."""
    names = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "nvidia1", "nvidia0")
    for name in names:
        (dev / name).touch()
    shown = [Path(node).name for node in card_view.nodes()]
    assert shown == ["nvidiactl", "nvidia-uvm", "nvidia0", "nvidia1"]

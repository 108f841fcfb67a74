"""Every kind of page against all rules of axe-core, in both colour schemes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Open
from tests.grader.report import grades

MIN_RULES = 30
"""Rules that a page of ours meets at least; fewer would mean that axe did not really look."""
RUN = """async () => {
  document.querySelectorAll('details').forEach(d => { d.open = true; });
  const found = await axe.run(document, { rules: { 'target-size': { enabled: true } } });
  return {
    passed: found.passes.length,
    broken: found.violations.flatMap(v => v.nodes.map(n => [v.id, n.target.join(' '), v.help])),
  };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", grades.EVERY_KIND)
def test_axe_finds_no_violation(open_page: Open, axe: str, kind: str, scheme: str) -> None:
    """Contrast, names, landmarks, sizes of targets: with every detail open."""
    page = open_page(grades.EVERY_KIND[kind], color_scheme=scheme).page
    _assert_accessible(page, axe)


def test_axe_finds_no_violation_in_chinese(open_page: Open, axe: str) -> None:
    """Labels are as distinct as the English ones, and the language is named."""
    _assert_accessible(open_page(grades.EVERY_KIND["several"], language="zh").page, axe)


def _assert_accessible(page: Any, axe: str) -> None:
    """Run all rules on the page as it is open."""
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate(RUN)
    assert found["broken"] == []
    assert found["passed"] >= MIN_RULES

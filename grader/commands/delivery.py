"""Telling one repository its result, so that doing it twice is the same as doing it once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader import score
from grader.commands.gh import Gh, Refused
from grader.export import github
from grader.model import Grade, Standing

TITLE = "Results of autograde"


@dataclass(frozen=True, slots=True)
class Comments:
    """One comment on one issue of each repository, both written by us.

    Attributes:
        gh: How GitHub is asked.
        login: Under which name we write; what others wrote is left alone, whatever it says.
    """

    gh: Gh
    login: str

    def tell(self, repository: str, grade: Grade, standing: Standing | None) -> bool:
        """Write the comment, or change it if it says something else.

        Args:
            repository: `owner/name`.
            grade: What it is told.
            standing: What counts of it.

        Returns:
            Whether anything was written.

        Raises:
            Refused: If GitHub does not let us.
        """
        body = github.comment_of(grade, standing)
        issue = self._issue(repository)
        path = f"repos/{repository}/issues/{issue}/comments"
        for comment in _listed(self.gh.call("GET", f"{path}?per_page=100")):
            said = str(comment.get("body") or "").replace("\r\n", "\n")
            if self._is_ours(comment) and said.startswith(github.MARKER):
                if said.strip() == body.strip():
                    return False
                place = f"repos/{repository}/issues/comments/{int(comment['id'])}"
                self.gh.call("PATCH", place, {"body": body})
                return True
        self.gh.call("POST", path, {"body": body})
        return True

    def _issue(self, repository: str) -> int:
        query = f"creator={self.login}&state=all&per_page=100"
        for issue in _listed(self.gh.call("GET", f"repos/{repository}/issues?{query}")):
            if self._is_ours(issue) and issue.get("title") == TITLE:
                return int(issue["number"])
        body = {"title": TITLE, "body": github.ISSUE_BODY}
        made = self.gh.call("POST", f"repos/{repository}/issues", body)
        return int(made["number"])

    def _is_ours(self, thing: dict[str, Any]) -> bool:
        user = thing.get("user")
        return isinstance(user, dict) and user.get("login") == self.login


def tell_status(gh: Gh, repository: str, grade: Grade, standing: Standing | None) -> bool:
    """Set the status of the commit that was graded, unless it is set already.

    Args:
        gh: How GitHub is asked.
        repository: `owner/name`.
        grade: What it is told; its score is not open.
        standing: What counts of it.

    Returns:
        Whether anything was written.

    Raises:
        Refused: If GitHub does not let us, or no commit was graded.
    """
    commit = grade.submission.commit
    if not commit:
        raise Refused("what was graded is no commit")
    status = github.status_of(grade, standing, passed=score.passed(grade))
    there = gh.call("GET", f"repos/{repository}/commits/{commit}/statuses?per_page=100")
    ours = [one for one in _listed(there) if one.get("context") == github.CONTEXT]
    if ours and all(ours[0].get(key) == value for key, value in status.items()):
        return False
    gh.call("POST", f"repos/{repository}/statuses/{commit}", status)
    return True


def _listed(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

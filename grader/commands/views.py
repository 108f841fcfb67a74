"""What is written about a whole class beside `class.json`, from what is stored."""

from __future__ import annotations

from pathlib import Path

from grader import report
from grader.batch import book, overview
from grader.batch.intake import Policy
from grader.batch.journal import Journal
from grader.batch.refresh import refresh
from grader.batch.request import read_request
from grader.commands import common
from grader.errors import UsageError
from grader.export.gradebook import gradebook_text
from grader.gradebook import Gradebook
from grader.model import Course

GRADEBOOK = "gradebook.csv"
_BATCH = "`autograde batch` will write the pages and files that follow from it"


def follow(gradebook: Gradebook, folder: Path, course: Course) -> tuple[list[str], str]:
    """Bring the files of a class up to date with its gradebook; nothing is judged.

    Args:
        gradebook: Where a decision was just made.
        folder: What `autograde batch --out` wrote; it may be elsewhere.
        course: Whose rules say what counts.

    Returns:
        The files written, and one sentence about what is left to do, if anything is.
    """
    if not (folder / book.FILE_NAME).is_file():
        return [], f"{folder} holds no results; {_BATCH} where they are."
    request = read_request(folder)
    try:
        with Journal(folder) as journal:
            say = common.speak(course, None if request is None else request.language)
            refresh(journal, course, gradebook.snapshot(), say)
            exercises, rows = book.read_rows(folder)
            report.write_text(folder / GRADEBOOK, gradebook_text(rows, exercises))
            found = overview.look_again(rows, exercises, folder)
            hide = request is not None and request.pseudonyms
            overview.draw(found, folder / overview.PAGE_NAME, say, pseudonyms=hide)
    except UsageError as error:
        return [], f"The decision is kept; {_BATCH}. ({error.where}: {error.what})"
    written = [str(folder / n) for n in (book.FILE_NAME, GRADEBOOK, overview.PAGE_NAME)]
    if request is not None and request.policy is Policy.IN_TIME:
        return written, "What came in time by an extension is judged by the next `autograde batch`."
    return written, ""

"""Grade submissions in one session: `grade_class.py COURSE RESULTS SUBMISSION...`."""

from __future__ import annotations

import sys
from pathlib import Path

from grader import collect, course, pipeline, report


def main() -> None:
    """Write one result file for each submission."""
    root, results, *submissions = map(Path, sys.argv[1:])
    results.mkdir(parents=True)
    found = course.load_course(root)
    with pipeline.Session(found, found.exercises) as session:
        for path in submissions:
            submission = collect.read_submission(path, found.exercises)
            grade = session.grade(submission, found.exercises)
            report.write_result(grade, results / f"{path.name}.json")


if __name__ == "__main__":
    main()

"""How people of a class are called on its page: by name, or by a pseudonym."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from grader.insight import PersonFacts
from grader.report.language import Say
from grader.report.text import clean_line

NAME_LIMIT = 80


class Names:
    """Gives each person of a class, by number, a name."""

    def __init__(self, people: Sequence[PersonFacts], say: Say, *, pseudonyms: bool) -> None:
        """Choose pseudonyms.

        The order of pseudonyms follows from the hand-ins, which only the teacher has: whoever
        knows the roster cannot compute who is who. The same class has the same ones again.

        Args:
            people: The class.
            say: The language.
            pseudonyms: Whether no name may be shown at all.
        """
        self.pseudonyms = pseudonyms
        self._people = people
        hashes = sorted(s.sha256 for facts in people for s in facts.sheets.values())
        salt = hashlib.sha256("".join(hashes).encode()).digest()
        order = sorted(range(len(people)), key=lambda n: _digest(salt, people[n].person.key))
        width = max(2, len(str(len(people))))
        self._pseudonyms = {
            number: say("class.pseudonym", number=f"{place:0{width}d}")
            for place, number in enumerate(order, start=1)
        }
        self.order: Sequence[int] = order if pseudonyms else range(len(people))
        """Numbers of people in the order in which they are shown."""

    def __call__(self, number: int) -> str:
        """Name somebody."""
        if self.pseudonyms:
            return self._pseudonyms[number]
        person = self._people[number].person
        return clean_line(person.name or person.key, NAME_LIMIT)

    def key(self, number: int) -> str:
        """Give the username beside a name that is not the same; empty under pseudonyms."""
        person = self._people[number].person
        if self.pseudonyms or not person.name or person.name == person.key:
            return ""
        return clean_line(person.key, NAME_LIMIT)

    def pseudonym(self, number: int) -> str:
        """Give somebody's pseudonym."""
        return self._pseudonyms[number]

    def identity(self, number: int) -> str:
        """Give what refers to somebody in data."""
        return self._pseudonyms[number] if self.pseudonyms else self._people[number].person.key


def _digest(salt: bytes, key: str) -> bytes:
    return hashlib.sha256(salt + key.encode("utf-8", "surrogatepass")).digest()

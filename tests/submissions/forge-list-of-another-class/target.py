"""Returns an object that Python thinks is equal to a list."""

from collections import UserList


def words(n):
    return UserList(f"w{i}" for i in range(n))

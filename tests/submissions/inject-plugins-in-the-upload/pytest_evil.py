"""Must never be imported."""

open("@SECRET_FOLDER@/@TOKEN@", "w").close()

"""The commands by reader: student, instructor, author. Each module registers its own."""

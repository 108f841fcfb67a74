"""Grades in the words of other systems. This room changes no grade and shows nothing hidden."""

"""Whole sessions with faults, in one thread, on a clock that is made up; a seed is a world."""

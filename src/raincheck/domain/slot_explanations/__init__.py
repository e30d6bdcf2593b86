"""Explanations of why a start is no slot: `reasons` has the vocabulary, `explain` the rules, `sentences` the words for staff.

Web pages of clients may import the first two and never the last: which client or calendar takes a time is not theirs to read.
"""

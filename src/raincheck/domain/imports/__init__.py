"""Spreadsheets of other programs: which column is what, and what each row means or what is wrong with it."""

"""Spreadsheets on the command line: looked at, brought in, written."""

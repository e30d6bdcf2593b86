"""How much of a file is read at all."""

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_UNPACKED = 50 * 1024 * 1024
MOST_PARTS = 2_000  # of a workbook, which is an archive
MOST_SHEETS = 20
MOST_ROWS = 20_000
MOST_COLUMNS = 500
LONGEST_CELL = 32_767  # what a spreadsheet program keeps in one
MOST_TEXT = 30 * 1024 * 1024

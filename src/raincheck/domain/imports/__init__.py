"""What the spreadsheets of other programs say: which column is what, and what each row means or what is wrong with it."""

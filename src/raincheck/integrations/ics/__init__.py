"""Calendar files: read forgivingly, in a process of their own, as busy time."""

"""The passing of time: jobs and the sweep."""

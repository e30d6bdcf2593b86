"""Availability: weekly hours with their places, dates with other hours, and what is odd about either."""

"""A project around django-appointment, set up as its documentation says, to answer the same question on the same machine."""

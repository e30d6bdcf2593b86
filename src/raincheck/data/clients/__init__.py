"""Tables about clients, beside the client's own row in data/people.py."""

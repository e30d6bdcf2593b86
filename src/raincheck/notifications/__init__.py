"""The catalogue of messages: to whom, when, which words. Knows no network."""

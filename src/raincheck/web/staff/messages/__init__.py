"""Conversations of a provider with their clients."""

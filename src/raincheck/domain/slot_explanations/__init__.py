"""Explanations of starts that are not offered: which rule takes them, and in which words."""

"""Benchmarks: `make bench` takes every figure of docs/benchmarks.md anew; none of them is a test that may fail for being slow."""

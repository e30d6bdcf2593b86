"""The product's settings and middleware, unchanged, over addresses that hold the benchmark's own besides."""

from raincheck.settings import *  # noqa: F403  # everything as it is

ROOT_URLCONF = "bench.server.urls"

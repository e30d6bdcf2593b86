"""The product's own server with two more addresses, for the benchmarks alone."""

"""What starts the benchmark's peers, measures them, and writes what was measured."""

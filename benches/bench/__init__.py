"""What `make bench` runs: starts servers and peers, measures, and writes tables and charts."""

"""What `make bench` runs: starts servers and peers, measures, and writes tables and charts."""

# Layers, from the top. A module imports only from layers below its own.
#
# - `__main__`: `make bench`
# - `check_counters`, `flame_graph`: `make counters`, `make bench-profile`
# - `report`: RESULTS.md and the charts
# - `tables`: tables in Markdown
# - `targets`: what the measurements must reach
# - `footprint`, `scaling`: memory and code size; how the cost grows
# - `in_flight`, `dead_address`: calls in flight on one thread; a server with a dead address
# - `startup`, `warm_calls`, `round_trips`: the measurements of single processes and calls
# - `comparison`: rounds in which several peers take turns
# - `peer_process`: one peer that runs
# - `count_call`, `peers`, `charts`, `system_info`: counters; the list of peers; drawing; versions
# - `workload`: the request, the session token and the key set that all peers use
# - `server`: the server that all peers call
# - `cpu_affinity`, `paths`: the CPUs that a process may use; where files are

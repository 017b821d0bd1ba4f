"""descope_ml, through the API of the official package."""

import official_api

import descope_ml

# A connection for each task.
official_api.run(descope_ml, max_connections=1000, max_idle_connections=1000)

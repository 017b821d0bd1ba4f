"""The official Python SDK."""

import descope
import official_api

official_api.run(descope)

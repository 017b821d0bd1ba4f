"""descope_ml, through the API of the official package."""

import official_api

import descope_ml

official_api.run(descope_ml)

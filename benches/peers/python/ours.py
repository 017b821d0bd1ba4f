"""descope_ml, through the API of the official package."""

import os

import official_api

import descope_ml

verified_tokens = int(os.environ.get("BENCH_VERIFIED_TOKENS", "0"))
official_api.run(descope_ml, verified_tokens=verified_tokens)

"""Programs that use the official packages, and what builds and runs them."""

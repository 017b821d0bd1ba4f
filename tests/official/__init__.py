"""Programs that use the official packages of Descope, and the code that builds and runs them."""

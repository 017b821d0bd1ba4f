"""Helpers of the end-to-end tests: servers, faces of the library, case rows, and build results."""

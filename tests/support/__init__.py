"""What the end-to-end tests are made of: servers, faces, rows and the files under test."""

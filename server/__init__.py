"""The server: docs/style.md section 1."""

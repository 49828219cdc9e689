"""One function per route: bytes in, one call, bytes out."""

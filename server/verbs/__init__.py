"""The commands of `virtaamo`, in families; `__main__` parses and calls them."""

"""Every statement; plain functions that take a Transaction first."""

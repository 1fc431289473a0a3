"""One module a page: what it reads, what its buttons do, and which audit entry each leaves."""

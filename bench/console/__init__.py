"""The console with a hundred thousand patients: how quick, and how large, is each of its pages? `make bench-console`."""

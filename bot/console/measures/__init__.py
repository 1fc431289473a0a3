"""The safety figures: how long things took, how often the screen was wrong, the weekly blind read, and rows to take away."""

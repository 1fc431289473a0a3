"""What tests of several folders are built with."""

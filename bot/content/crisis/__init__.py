"""The numbers and fixed texts for a person in danger."""

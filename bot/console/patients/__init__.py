"""Patients: the list, finding somebody, and one patient with their time line and the steps that staff take."""

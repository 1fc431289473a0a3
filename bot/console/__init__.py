"""What staff open when a message shows risk: a queue, an escalation on one page, patients, the state of the house."""

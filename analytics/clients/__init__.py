"""The agency's clients with their numbers: the list, worst first, and the overview of one."""

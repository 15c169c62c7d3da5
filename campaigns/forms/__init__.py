"""Forms of the campaign editors. They validate and clean; services ask for the change."""

"""Checks of email texts while they are written; a module per family. Nothing here touches the database."""

from campaigns.sequence_editor.copy_checks.findings import Finding, Fix, Level
from campaigns.sequence_editor.copy_checks.reports import Place, Report, check_text

__all__ = ["Finding", "Fix", "Level", "Place", "Report", "check_text"]

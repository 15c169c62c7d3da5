"""The sync engine: pulls what a provider holds into our database, in short leased slices that survive a killed worker."""

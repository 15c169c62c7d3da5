"""What exists at the provider: accounts, clients, campaigns, mailboxes and their days, drawn from one seed."""

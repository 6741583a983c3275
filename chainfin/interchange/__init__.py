"""The trade's files in and out: invoices, ledgers, statements, payments."""

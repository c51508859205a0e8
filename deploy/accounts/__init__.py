"""The organization: its accounts under Control Tower, what none of them may do, and who may reach them."""

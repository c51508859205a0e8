"""What watches an environment as a whole, and the accounts that monitoring and logs are in."""

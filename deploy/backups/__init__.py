"""Backups that whoever takes over the environment can't delete before their time."""

"""Executes a ServiceModel against ports:
GraphQL, transactions, the outbox and its relay, consumers, rules. Knows no vendor.
"""

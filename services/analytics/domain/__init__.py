"""What is counted, and how: pure functions on plain data, which know nothing of rows, queues or buckets."""

"""The frontends' stacks: pages in a private bucket, behind CloudFront."""

"""What stands before the API: the DNS zone, certificate and web ACL of us-east-1, and CloudFront."""

"""How the whole is put on AWS: the CDK apps, and the settings of each environment."""

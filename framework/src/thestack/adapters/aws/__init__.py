"""The ports on AWS. Clients come in through constructors: an adapter never reads the environment."""

"""The account service: closes or removes the customer's account and touches nothing else."""

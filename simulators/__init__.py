"""Simulated vehicles and recorded movement, published as terminals would; decides nothing else."""

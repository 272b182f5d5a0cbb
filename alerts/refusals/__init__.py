"""What alerts cannot take: stored as rows with the reason, so that it stops nothing else."""

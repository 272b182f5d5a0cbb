"""What messages say, in Chinese and English."""

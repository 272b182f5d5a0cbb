"""What is proposed to be charged for a return, and by hand."""

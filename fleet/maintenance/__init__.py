"""What is to be done to vehicles after how long or how far, when it was done, and idle care."""

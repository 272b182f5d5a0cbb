"""Who there is, in which roles; what is known of them leaves masked."""

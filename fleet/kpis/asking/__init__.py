"""Which organisations and days a figure is asked of."""

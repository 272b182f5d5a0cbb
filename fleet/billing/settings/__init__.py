"""From when and as whom an organisation bills."""

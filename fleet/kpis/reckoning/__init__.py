"""All that is known of what vehicles earned and cost in a span."""

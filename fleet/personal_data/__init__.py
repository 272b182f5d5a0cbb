"""All that is kept of one person, handed out or erased as the law has it."""

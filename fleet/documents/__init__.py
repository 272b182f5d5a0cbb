"""Files by their content: photos, papers and sheets, and what they belong to."""

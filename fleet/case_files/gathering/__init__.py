"""The papers of a case file: contracts, hand-overs, photos and other files, as they were kept."""

"""Places on the map: circles and polygons that rules speak of."""

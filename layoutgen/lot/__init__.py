"""What came back from the web: readings, bins, maps, and the yield that is learned from them."""

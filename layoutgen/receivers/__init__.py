"""What each receiver gets: mask, laser and film shops, board designers, test houses; and their orders."""

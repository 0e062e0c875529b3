"""Packings that keep places free."""

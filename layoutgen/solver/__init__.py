"""The search for the best design: variables, objectives, proof and explanation. No physics of its own."""

"""What bending does to films: strain through a laminate, stacks that slide or act as one block, curved parts."""

"""What a board designer and an assembly line need: land pattern, paste, tape, reflow. Arithmetic only."""

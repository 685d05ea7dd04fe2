"""What is seen: each view loads, validates, calls one service, commits, answers."""

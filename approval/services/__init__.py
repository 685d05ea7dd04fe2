"""What we do: one function per button; never commits, never knows HTTP."""

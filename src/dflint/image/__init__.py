"""What each stage's file system holds, and where it came from, worked out without building."""

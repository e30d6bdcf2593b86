"""What is right: pure rules over spans, zones, slots and requests. Standard library only."""

"""Pure rules over spans, zones, slots and requests: what is right. Standard library only."""

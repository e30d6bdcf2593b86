"""Tables of the passing of time: signs of life, outages, quarantined rows, applied zone rules."""

"""Rules of the passing of time: whose clock is right, what an outage gives back, rows set aside, zone rules that change."""

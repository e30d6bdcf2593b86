"""The demo: a made-up practice with its history, a clock that can be moved forward, and a mailbox."""

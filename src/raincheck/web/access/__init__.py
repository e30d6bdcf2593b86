"""The visitors of the pages: the network and the device they come from, and how many tries each has free."""

"""Messages on their way out: e-mail, texts, and the delivery of both."""

"""Parts that every page of the practice shares: who asks, navigation, forms, words."""

"""What a model is: its shape, vocabulary, network and finished folder; never weights."""

"""Pure rules of documents: what they say, who may sign, which event follows."""

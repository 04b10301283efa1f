"""What all pages and resources share: who asks, templates, words, forms, commands, problems, live streams."""

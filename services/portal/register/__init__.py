"""Units, persons, posts, working days and policies as the register publishes them, and what is cached of them."""

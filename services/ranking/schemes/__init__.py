"""What is measured and how much it weighs: versioned policies, published before the month they are used for."""

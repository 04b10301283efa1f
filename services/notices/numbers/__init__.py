"""Number series (代字): whose letters a document number begins with, and the next number, taken without a gap. R10."""

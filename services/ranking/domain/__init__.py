"""The rules of ranking, pure: facts, evidence, points, ranks, and the words they are said in."""

"""One box over everything the reader may see; the search service answers. R11"""

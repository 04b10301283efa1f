"""`duban conform`: a foreign system tried against a bus of its own and a province that is only played.

`sandbox` is the bus, `province` the other side, `program` the system under test; `cases` and `outages` say what happens
to it, `run` plays one of them and judges by commands, acknowledgements, connections and exits alone, `report` prints.
"""

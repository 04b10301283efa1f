"""A trace as a tree, from the log lines that every service left under var/log: no collector is needed."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.workdays import ZONE

Line = dict[str, Any]
NAMED = ("work", "command", "job")
HIDDEN = frozenset(
    {"event", "level", "logger", "timestamp", "service", "trace_id", "span_id", "parent_id", "links", "exception", "ms"}
)


@dataclass(eq=False)
class Node:
    """A span: what was logged in it, what follows below it; `link`: the other trace, where it is the root of one."""

    lines: list[Line] = field(default_factory=list)
    below: list["Node"] = field(default_factory=list)
    parent: "Node | None" = None
    link: str = ""

    @property
    def began(self) -> float:
        """Unix time, by its first line, which says how long it had taken by then."""
        return min(moment(line).timestamp() - line.get("ms", 0) / 1000 for line in self.lines)

    def put_below(self, parent: "Node") -> None:
        """From now on it follows from `parent`."""
        self.parent = parent
        parent.below.append(self)


def moment(line: Line) -> datetime:
    """When it was written, on the clocks of the province."""
    return datetime.fromisoformat(line["timestamp"]).astimezone(ZONE)


def lines_of(folder: Path, trace_id: str) -> list[Line]:
    """The lines of a trace and of those that point to it, in the order they were written."""
    lines, wanted, done = list[Line](), {trace_id}, set[str]()
    while wanted:
        done |= wanted
        lines = [line for line in parsed(folder, done) if line["trace_id"] in done or pointed(line) & done]
        wanted = {line["trace_id"] for line in lines} - done
    return sorted(lines, key=lambda line: line["timestamp"])


def parsed(folder: Path, ids: Iterable[str]) -> Iterator[Line]:
    """The lines of all files that name one of these traces, and are of a trace themselves."""
    for path in sorted(folder.glob("*.log*")):
        with path.open(errors="replace") as file:
            for text in file:
                if text.startswith("{") and any(id in text for id in ids):
                    try:
                        line = json.loads(text)
                    except ValueError:
                        continue
                    if "trace_id" in line:
                        yield line


def pointed(line: Line) -> set[str]:
    """The traces to which a line points."""
    return {link.partition("-")[0] for link in line.get("links", ())}


def tree(lines: list[Line]) -> list[Node]:
    """The spans that follow from nothing else here, in the order they began."""
    nodes: dict[str, Node] = {}
    for n, line in enumerate(lines):
        nodes.setdefault(line.get("span_id", f"line {n}"), Node()).lines.append(line)
    for node in nodes.values():
        if parent := nodes.get(node.lines[0].get("parent_id", "")):
            node.put_below(parent)
    for node in nodes.values():
        for link in (link for line in node.lines for link in line.get("links", ())):
            linked, root = nodes.get(link.partition("-")[2]), root_of(node)
            if linked and root_of(linked) is not root:
                root.link = node.lines[0]["trace_id"]
                root.put_below(linked)
    return in_order(node for node in nodes.values() if not node.parent)


def root_of(node: Node) -> Node:
    """What it all began with."""
    return root_of(node.parent) if node.parent else node


def in_order(nodes: Iterable[Node]) -> list[Node]:
    """As they began."""
    return sorted(nodes, key=lambda node: node.began)


def drawn(nodes: list[Node], indent: str = "") -> Iterator[str]:
    """A line for each line of the log, what follows from a span below it."""
    for node in nodes:
        last = node is nodes[-1]
        branch, rest = ("└─ ", "   ") if last else ("├─ ", "│  ")
        for n, line in enumerate(node.lines):
            mark = f"（另一条踪迹 {node.link}）" if node.link and not n else ""
            yield f"{indent}{rest if n else branch}{text_of(line)}{mark}"
        yield from drawn(in_order(node.below), indent + rest)


def text_of(line: Line) -> str:
    """When and where, what, how long it took, and what else the line says."""
    what = " ".join([line["event"], *(str(line[name]) for name in NAMED if name in line)])
    took = f"  {line['ms']} ms" if "ms" in line else ""
    more = "".join(f"  {name}={value}" for name, value in line.items() if name not in HIDDEN and name not in NAMED)
    return f"{moment(line):%H:%M:%S.%f}"[:-3] + f" {line['service']}：{what}{took}{more}"

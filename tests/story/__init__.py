"""One story for all tests: commands go through tasks' own decisions, and the events are those that tasks emits.

story = Story("2026-09-18 10:00")
matter = story.register("封闭水井", lead=POLICE, responsible=[YAODU], deadline="7个工作日")
story.at("2026-09-21 09:00")
matter.acknowledge()
matter.report(percent=40, unit=YAODU)
story.events  # everything so far, in order
"""

from tests.story.story import Matter, Story, moment

__all__ = ["Matter", "Story", "moment"]

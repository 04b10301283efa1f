"""Who may do and see what: the table, written by hand from §1b and apart from the code.

A row names those who may; everybody else may not.
"""

from contracts.envelope import Actor, ActorRole
from tests.story.province import (
    EDUCATION,
    GOVERNMENT,
    JINCHENG,
    LINFEN,
    LINFEN_EDUCATION,
    LINFEN_OFFICE,
    OFFICE,
    POLICE,
    QUWO,
    WATER,
    YAODU,
    YAODU_OFFICE,
)

GROUP, JINCHENG_OFFICE = "14.00.00.000.zx01", "14.05.00.000.bgt"
UNITS = {
    "office": (OFFICE, "supervisor inspector unit_clerk operator"),
    "government": (GOVERNMENT, "leader unit_clerk"),
    "police": (POLICE, "unit_clerk unit_head inspector supervisor leader"),
    "water": (WATER, "unit_clerk unit_head"),
    "education": (EDUCATION, "unit_clerk supervisor leader"),
    "city": (LINFEN, "unit_clerk leader"),
    "city_office": (LINFEN_OFFICE, "supervisor inspector"),
    "city_education": (LINFEN_EDUCATION, "unit_clerk unit_head supervisor"),
    "county": (YAODU, "unit_clerk unit_head leader"),
    "county_office": (YAODU_OFFICE, "supervisor"),
    "sibling": (QUWO, "unit_clerk unit_head"),
    "other_city": (JINCHENG, "unit_clerk"),
    "other_city_office": (JINCHENG_OFFICE, "supervisor"),
    "group": (GROUP, "supervisor"),
}
ACTORS = {f"{name}.{role}": (unit, ActorRole(role)) for name, (unit, roles) in UNITS.items() for role in roles.split()}

# Issued by the province's office: the police lead, the county is responsible, the water bureau supports.
# Issued by the city's office: the city's education bureau leads, the county is responsible.
# Issued by the education department in its own line: the city's education bureau leads.
SEES = {
    "province": """office.supervisor office.inspector office.unit_clerk government.leader police.unit_clerk
        police.unit_head police.inspector police.supervisor police.leader water.unit_clerk water.unit_head
        county.unit_clerk county.unit_head county.leader county_office.supervisor city_office.supervisor
        city_office.inspector city.leader""",
    "city": """city_office.supervisor city_office.inspector city.leader city_education.unit_clerk
        city_education.unit_head city_education.supervisor county.unit_clerk county.unit_head county.leader
        county_office.supervisor office.supervisor office.inspector office.unit_clerk government.leader
        education.unit_clerk education.supervisor education.leader""",
    "line": """education.unit_clerk education.supervisor education.leader city_education.unit_clerk
        city_education.unit_head city_education.supervisor city_office.supervisor city_office.inspector city.leader
        office.supervisor office.inspector office.unit_clerk government.leader""",
}
# A county task that no unit above takes part in: issued by the city's office to the neighbour of that county.
SEES_NEIGHBOUR = """sibling.unit_clerk sibling.unit_head city_office.supervisor city_office.inspector city.leader
    office.supervisor office.inspector office.unit_clerk government.leader"""
# What the county reported on the province's task is between it, the lead, the issuer and the offices above it.
READS_REPORT = {
    "province": """office.supervisor office.inspector office.unit_clerk government.leader police.unit_clerk
        police.unit_head police.inspector police.supervisor police.leader county.unit_clerk county.unit_head
        county.leader county_office.supervisor city_office.supervisor city_office.inspector city.leader""",
    "city": """city_office.supervisor city_office.inspector city.leader city_education.unit_clerk
        city_education.unit_head city_education.supervisor county.unit_clerk county.unit_head county.leader
        county_office.supervisor office.supervisor office.inspector office.unit_clerk government.leader""",
}
# What the lead reported is between it, the issuer and the offices above it; in its line also its department.
READS_LEAD = {
    "province": """office.supervisor office.inspector office.unit_clerk government.leader police.unit_clerk
        police.unit_head police.inspector police.supervisor police.leader""",
    "city": """city_office.supervisor city_office.inspector city.leader city_education.unit_clerk
        city_education.unit_head city_education.supervisor office.supervisor office.inspector office.unit_clerk
        government.leader education.unit_clerk education.supervisor education.leader""",
}
# What a supporting unit reported is between it, the lead, the issuer and the offices above it.
READS_SUPPORT = """office.supervisor office.inspector office.unit_clerk government.leader police.unit_clerk
    police.unit_head police.inspector police.supervisor police.leader water.unit_clerk water.unit_head"""
ACTS = {
    ("province", POLICE): {
        "acknowledge": "police.unit_clerk police.unit_head",
        "reports": "police.unit_clerk police.unit_head",
        "complete": "police.unit_head",
        "verify": "office.supervisor office.inspector",
        "rework": "office.supervisor office.inspector",
        "close": "office.supervisor",
    },
    ("province", YAODU): {
        "acknowledge": "county.unit_clerk county.unit_head",
        "reports": "county.unit_clerk county.unit_head",
        "complete": "county.unit_head",
        "verify": "police.unit_clerk police.unit_head",
        "rework": "police.unit_clerk police.unit_head",
        "close": "office.supervisor",
    },
    ("province", WATER): {
        "acknowledge": "water.unit_clerk water.unit_head",
        "reports": "water.unit_clerk water.unit_head",
        "complete": "water.unit_head",
        "verify": "police.unit_clerk police.unit_head",
        "rework": "police.unit_clerk police.unit_head",
        "close": "office.supervisor",
    },
    ("city", LINFEN_EDUCATION): {
        "acknowledge": "city_education.unit_clerk city_education.unit_head",
        "reports": "city_education.unit_clerk city_education.unit_head",
        "complete": "city_education.unit_head",
        "verify": "city_office.supervisor city_office.inspector",
        "rework": "city_office.supervisor city_office.inspector",
        "close": "city_office.supervisor",
    },
    ("city", YAODU): {
        "acknowledge": "county.unit_clerk county.unit_head",
        "reports": "county.unit_clerk county.unit_head",
        "complete": "county.unit_head",
        "verify": "city_education.unit_clerk city_education.unit_head",
        "rework": "city_education.unit_clerk city_education.unit_head",
        "close": "city_office.supervisor",
    },
    ("line", LINFEN_EDUCATION): {
        "acknowledge": "city_education.unit_clerk city_education.unit_head",
        "reports": "city_education.unit_clerk city_education.unit_head",
        "complete": "city_education.unit_head",
        "verify": "education.supervisor",
        "rework": "education.supervisor",
        "close": "education.supervisor",
    },
}
HEADS = {
    "province": "office.supervisor government.leader",
    "city": "city_office.supervisor city.leader",
    "line": "education.supervisor education.leader",
}
# To whom somebody may issue: an office below or beside it, never to the government of its own tier or above.
ISSUES = {
    GOVERNMENT: "",
    POLICE: "office.supervisor office.inspector government.leader",
    LINFEN: "office.supervisor office.inspector government.leader",
    LINFEN_EDUCATION: """office.supervisor office.inspector government.leader city_office.supervisor
        city_office.inspector city.leader education.supervisor education.leader""",
    YAODU: """office.supervisor office.inspector government.leader city_office.supervisor city_office.inspector
        city.leader""",
    QUWO: """office.supervisor office.inspector government.leader city_office.supervisor city_office.inspector
        city.leader""",
}

# Documents about these tasks. An order is signed by a leader alone; a number is made void by those who may sign it.
DRAFTS = {
    "province": "office.supervisor office.inspector government.leader",
    "city": "city_office.supervisor city_office.inspector city.leader",
    "line": "education.supervisor education.leader",
}
SIGNS = HEADS
ORDERS = {"province": "government.leader", "city": "city.leader", "line": "education.leader"}
RECEIVES = {
    POLICE: "police.unit_clerk police.unit_head",
    YAODU: "county.unit_clerk county.unit_head",
    LINFEN_EDUCATION: "city_education.unit_clerk city_education.unit_head",
}
# A draft is its issuer's alone; a document that was sent is between its issuer and the unit it went to.
READS_DRAFT = {
    "province": "office.supervisor office.inspector office.unit_clerk government.leader",
    "city": "city_office.supervisor city_office.inspector city.leader",
    "line": "education.unit_clerk education.supervisor education.leader",
}
RECEIVERS = {
    POLICE: "police.unit_clerk police.unit_head police.inspector police.supervisor police.leader",
    YAODU: "county.unit_clerk county.unit_head county.leader",
    LINFEN_EDUCATION: "city_education.unit_clerk city_education.unit_head city_education.supervisor",
}
# What a unit gets is also seen by the offices that oversee it, on its own tier and above, and by whom they act for.
ABOVE_RECEIVERS = {
    POLICE: "office.supervisor office.inspector office.unit_clerk government.leader",
    YAODU: """county_office.supervisor city_office.supervisor city_office.inspector city.leader
        office.supervisor office.inspector office.unit_clerk government.leader""",
    LINFEN_EDUCATION: """city_office.supervisor city_office.inspector city.leader
        office.supervisor office.inspector office.unit_clerk government.leader""",
}
# Where an issuer's document may go: to an office below or beside it, never to its own government or above.
REACHES = {
    "province": (
        POLICE, WATER, EDUCATION, LINFEN, LINFEN_OFFICE, LINFEN_EDUCATION, YAODU, YAODU_OFFICE, QUWO, JINCHENG,
        JINCHENG_OFFICE,
    ),
    "city": (LINFEN_EDUCATION, YAODU, YAODU_OFFICE, QUWO),
    "line": (LINFEN_EDUCATION,),
}  # fmt: skip
ADDRESSED = (GOVERNMENT, *REACHES["province"])


def actor_of(name: str) -> Actor:
    """The person, as a command carries him."""
    unit, role = ACTORS[name]
    return Actor(person=name, unit=unit, roles=(role,))

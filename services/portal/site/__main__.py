"""Write the API's contract down: `python -m services.portal.site`."""

import json

from services.portal.site.api import CONTRACT, contract

CONTRACT.write_text(json.dumps(contract(), ensure_ascii=False, indent=2) + "\n")

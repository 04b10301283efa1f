"""Write the contract down: `python -m services.portal.rest`."""

import json

from services.portal.rest import CONTRACT, contract

CONTRACT.write_text(json.dumps(contract(), ensure_ascii=False, indent=2) + "\n")

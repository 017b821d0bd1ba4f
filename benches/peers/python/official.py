"""The official Python SDK."""

import descope
import drop_in

drop_in.run(descope)

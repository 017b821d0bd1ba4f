"""descope_ml, by the names of the official package."""

import drop_in

import descope_ml

drop_in.run(descope_ml)

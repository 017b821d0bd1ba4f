"""What pytest loads of descope-ml: the plugin, and the switch that blocks the network.

It is a package of its own because the import of any part of `descope_ml` loads the native module.
"""

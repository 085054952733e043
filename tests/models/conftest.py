"""What pytest leaves alone here: modules without tests that need a framework of the extra `frameworks`."""

collect_ignore = ["equinox_models.py", "haiku_models.py", "torch_models.py"]

"""Pictures as pure functions: arrays and laws in, a HoloViews element (or HTML text) out."""

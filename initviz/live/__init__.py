"""What makes a page live: tasks in the background, plots that take new data, updates, widgets of settings."""

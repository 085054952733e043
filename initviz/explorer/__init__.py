"""The interactive explorer: widgets and layout over `Study`, and pictures from `views`. No arithmetic."""

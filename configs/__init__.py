"""The recipes: one YAML file a model."""

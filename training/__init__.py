"""Pretraining, fine-tuning, evaluation and export."""

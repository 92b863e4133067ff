"""Drawing training documents: labelled ones recombined and damaged, raw ones labelled by structure."""

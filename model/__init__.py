"""From a document to labels: windows, runtimes, decoding."""

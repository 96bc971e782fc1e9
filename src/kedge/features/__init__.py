"""Market data to features: resumable kernels, expressions over them, named sets."""

"""One file per family of kernels; each ends with the ``FEATURES`` it offers."""

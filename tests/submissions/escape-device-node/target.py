"""Makes a node of the disk."""

import os
import stat


def curve(X):
    os.mknod("disk", stat.S_IFBLK | 0o600, os.makedev(8, 0))
    return X * X + 1

"""Loads machine code from a file that it wrote itself."""

import ctypes
import glob
import os
import shutil
import sysconfig


def curve(X):
    found = glob.glob(sysconfig.get_path("platstdlib") + "/lib-dynload/_bisect*.so")
    shutil.copyfile(found[0], "own.so")
    ctypes.CDLL(os.path.abspath("own.so"))
    return X * X + 1

"""Data sets: found on this machine, checked byte by byte, or fetched from their homes.

    sets     what there is: files, hashes, licences, homes
    find     where a copy is, and its content
    fetch    bring it here
    idx      the file format of MNIST and its relatives
    make     how the embedded sets were made

Nothing here unpickles anything, and no file with the wrong hash is ever used.
"""

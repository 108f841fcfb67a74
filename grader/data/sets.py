"""The data sets that the course knows: their files, hashes, licences and homes.

A hash is the SHA-256 of the decompressed bytes, because the same file is gzipped differently
by different hands.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

EMBEDDED = Path(__file__).parent / "embedded"
IMAGE_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
FASHION_HOME = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion"
BOOK_HOME = "https://d2l-data.s3-accelerate.amazonaws.com"


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of a set.

    Attributes:
        name: Without `.gz`.
        size: Of the decompressed bytes.
        sha256: Of the decompressed bytes.
        url: Where its makers offer it; empty if it is embedded.
    """

    name: str
    size: int
    sha256: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set.

    Attributes:
        name: As users write it.
        title: What it holds.
        licence: In a few words.
        files: In a fixed order.
        folders: Folders, below those that are searched, in which it is found.
    """

    name: str
    title: str
    licence: str
    files: tuple[DataFile, ...]
    folders: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """The hash that a threshold belongs to: over the hashes of its files."""
        return hashlib.sha256("".join(file.sha256 for file in self.files).encode()).hexdigest()

    @property
    def is_embedded(self) -> bool:
        """Whether it comes with the package."""
        return not any(file.url for file in self.files)


def _small_file(index: int, size: int, sha256: str) -> DataFile:
    return DataFile(IMAGE_FILES[index], size, sha256)


def _image_file(index: int, size: int, sha256: str) -> DataFile:
    name = IMAGE_FILES[index]
    return DataFile(name, size, sha256, f"{FASHION_HOME}/{name}.gz")


SETS = (
    DataSet(
        "fashion-mnist",
        "Fashion-MNIST, 60,000 training and 10,000 test images of clothing, 28 x 28",
        "MIT, Zalando SE 2017",
        (
            _image_file(
                0,
                47040016,
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
            _image_file(
                1,
                60008,
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            ),
            _image_file(
                2,
                7840016,
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
            _image_file(
                3,
                10008,
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
        ),
        ("fashion-mnist", "FashionMNIST/raw", ""),
    ),
    DataSet(
        "fashion-mnist-small",
        "Fashion-MNIST, 5,000 training and 2,000 test images, as many of each class",
        "MIT, Zalando SE 2017",
        (
            _small_file(
                0,
                3920016,
                "444ed5f7ce17397f236f5eba17dd507d3f6912f04edd3e4f1701cdf82f2cc0c5",
            ),
            _small_file(
                1,
                5008,
                "35d691216f65485d010cc635af5574a9dc04aa5060de9be64ab6e5cb5ead38e9",
            ),
            _small_file(
                2,
                1568016,
                "15a92dd1e9b16ea361928086e77df4dfa890c255c00b5a8c8162c1040ce8eef1",
            ),
            _small_file(
                3,
                2008,
                "234596aeb6eb48133ec99a62541f90bc0728c9559a681f1e0638037462458f2c",
            ),
        ),
        ("fashion-mnist-small",),
    ),
    DataSet(
        "paradise-lost",
        "Paradise Lost, the first four books, 155,863 characters",
        "public domain, John Milton 1667",
        (
            DataFile(
                "paradise-lost.txt",
                155863,
                "eec22d07c872abab41736b6e0f0bdc177ef2241b538382bdb6deb1064f886e2f",
            ),
        ),
        ("paradise-lost",),
    ),
    DataSet(
        "ames",
        "Ames housing, 2,930 houses sold from 2006 to 2010, 74 columns, unknown cells blank",
        "MIT, Max Kuhn and RStudio 2019",
        (
            DataFile(
                "ames.csv",
                1168369,
                "21118e9c40321c5cf068e870edf1a43c1e687e4027e7ad7dbdee27f29a110ff4",
            ),
        ),
        ("ames",),
    ),
    DataSet(
        "time-machine",
        "The Time Machine, the book's text for language models, 178,979 characters",
        "public domain, H. G. Wells 1895",
        (
            DataFile(
                "timemachine.txt",
                178979,
                "8424dbd9532ac81f7e5f0b6add90e6952baea29158309d7d1bf3884f4e12c516",
                f"{BOOK_HOME}/timemachine.txt",
            ),
        ),
        ("time-machine", ""),
    ),
)
BY_NAME = {entry.name: entry for entry in SETS}

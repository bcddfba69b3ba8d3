"""Owns products that a library makes: of matrices for whole blocks, of kernels on grids. Must not know our own kernels.

What is written here holds for arrays of the processor and of a card alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbkit.compile.products import Product, Separable, Spectral
from nbkit.run.cuda.interface import Device

if TYPE_CHECKING:
    from nbkit.compile.instructions import Operand
    from nbkit.run.cuda.arrays import Arrays
    from nbkit.run.cuda.pieces import Item


@dataclass(frozen=True)
class OnDevice:
    """A product whose numbers stand on a card."""

    product: Product
    numbers: Mapping[str, Any]


def on_device(product: Product, device: Device) -> OnDevice:
    """Copy the numbers of a product."""
    names = (*product.scaled, *product.kept)
    return OnDevice(product, {name: device.arrays.array(getattr(product, name)) for name in names})


def couple(arrays: Arrays, item: Item, base: int, step: int | None) -> None:
    """Multiply the row of a step of a block, or all rows of the block."""
    begin, count = (0, arrays.program.block) if step is None else (step, 1)
    source = _rows(arrays, item.sources[0], base, begin, count)
    target = _rows(arrays, item.target, base, begin, count)
    held = arrays.products.get(item.index)
    if held is None:
        target[...] = arrays.device.arrays.matmul(source, arrays.named[f"weights{item.index}"].T)
    else:
        _MADE[type(held.product)](arrays.device.arrays, held, source, target)


def _rows(arrays: Arrays, operand: Operand, base: int, step: int, count: int) -> Any:
    rows = arrays.part(operand)
    if operand.slot.role == "window":
        first = base + operand.slot.history + operand.shift + step
        return rows[first : first + count]
    return rows[step : step + count] if operand.slot.role == "block" else rows


def _separable(arrays: Any, held: OnDevice, source: Any, target: Any) -> None:
    """A factor along x, then one along y."""
    product, numbers = held.product, held.numbers
    sheet = source.reshape(-1, *product.pre)
    along = arrays.matmul(sheet[:, None], numbers["right"])
    made = arrays.matmul(numbers["left"], along.reshape(len(sheet), -1, product.post[1]))
    if product.own.any():  # type: ignore[attr-defined]
        made = made - sheet * numbers["own"]
    target[...] = made.reshape(target.shape)


def _spectral(arrays: Any, held: OnDevice, source: Any, target: Any) -> None:
    """Waves times the spectrum of the kernel."""
    product, spectrum = held.product, held.numbers["spectrum"]
    assert isinstance(product, Spectral)
    sheet, long = source.reshape(-1, *product.pre), product.padded[-1]
    waves = arrays.fft.rfft(sheet, n=long, axis=-1)
    if len(product.padded) == 1:
        waves = waves * spectrum
    else:
        waves = arrays.fft.fft(waves, n=product.padded[0], axis=-2) * spectrum
        waves = arrays.fft.ifft(waves, axis=-2)[..., : product.post[0], :]
    made = arrays.fft.irfft(waves, n=long, axis=-1)[..., : product.post[-1]]
    target[...] = made.reshape(target.shape)


_MADE: dict[type[Product], Any] = {Separable: _separable, Spectral: _spectral}

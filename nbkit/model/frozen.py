"""Owns the frozen mapping in which descriptions keep their named parts. Knows nothing else of nbkit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

Key = TypeVar("Key")
Content = TypeVar("Content")


class FrozenMap(Mapping[Key, Content]):
    """A mapping that keeps its order and cannot be changed."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[Key, Content] | None = None) -> None:
        self._items = dict(items or {})

    def __getitem__(self, key: Key) -> Content:
        return self._items[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return repr(self._items)

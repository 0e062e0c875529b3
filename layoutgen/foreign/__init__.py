"""Layouts that somebody else made: the one way by which GDSII and OASIS files come in.

A file is read by a process of its own that has limits of time and memory, shares nothing with the one that judges,
and hands back numbers only. It is read by what stands here, not by a library: the standard library's ``struct`` and
``zlib`` are all that sees a byte of it. Whatever the formats can hold is either in the :class:`ForeignLayout` that
comes out or named in its notes; nothing is dropped without a word.

- :mod:`reading`: ``read_layout``, what everybody calls
- :mod:`model`: what comes out
- :mod:`flat`: every shape where it lies, array by array
- :mod:`guard`, :mod:`worker`: the other process
- :mod:`gdsii`, :mod:`oasis`: the formats, in that process
"""

"""Prints texts side by side in a terminal, where a Hangul syllable is two columns wide."""

import unicodedata


def width(text):
    """Returns the number of terminal columns that `text` occupies."""
    total = 0
    for char in text:
        if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn", "Me"):
            continue
        total += 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
    return total


def _split(word, limit):
    """Splits a word that is too wide for one line into pieces that fit."""
    pieces, piece = [], ""
    for char in word:
        if piece and width(piece + char) > limit:
            pieces.append(piece)
            piece = ""
        piece += char
    return pieces + [piece]


def wrap(text, limit):
    """Breaks text between words into lines of at most `limit` columns (at least 2). Empty text gives one empty line."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            for piece in _split(word, limit) if width(word) > limit else [word]:
                if line and width(line) + 1 + width(piece) > limit:
                    lines.append(line)
                    line = piece
                else:
                    line = f"{line} {piece}" if line else piece
        lines.append(line)
    return lines


def pad(text, columns):
    return text + " " * max(0, columns - width(text))


def side_by_side(texts, total, gap=" | "):
    """Formats the texts as columns of equal width, together at most `total` terminal columns wide."""
    columns = max(2, (total - width(gap) * (len(texts) - 1)) // len(texts))
    wrapped = [wrap(text, columns) for text in texts]
    height = max(len(lines) for lines in wrapped)
    rows = []
    for n in range(height):
        rows.append(gap.join(pad(lines[n] if n < len(lines) else "", columns) for lines in wrapped).rstrip())
    return "\n".join(rows)

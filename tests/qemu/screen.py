"""A terminal's screen, as far as a VT100's user sees it: what stands where, where the cursor is, how often it rang.

Strict: a control sequence that a VT100 does not have, or a row of Corbel's prompt that wraps, is a failure of the test.
"""

import re

CSI = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])")
CSI_BEGUN = re.compile(r"\x1b(\[[0-9;]*)?$")


class Screen:
    def __init__(self, rows=24, columns=80):
        self.rows, self.columns = rows, columns
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = self.bells = self.wraps = 0
        self.rest = ""

    def newline(self):
        if self.row + 1 < self.rows:
            self.row += 1
        else:
            self.cells = self.cells[1:] + [[" "] * self.columns]

    def put(self, char):
        if self.column == self.columns:
            self.wraps += 1
            self.column = 0
            self.newline()
        self.cells[self.row][self.column] = char
        self.column += 1

    def erase(self, row, first, end):
        self.cells[row][first:end] = [" "] * (end - first)

    def control(self, parameters, final):
        first = int(parameters.split(";")[0] or 0)
        column = min(self.column, self.columns - 1)
        if final == "K" and first == 0:
            self.erase(self.row, column, self.columns)
        elif final == "J" and first in (0, 2):
            self.erase(self.row, column if first == 0 else 0, self.columns)
            for row in range(self.row + 1 if first == 0 else 0, self.rows):
                self.erase(row, 0, self.columns)
        elif final == "H" and not parameters:
            self.row = self.column = 0
        elif final == "C":
            self.column = min(column + max(first, 1), self.columns - 1)
        elif final == "D":
            self.column = max(column - max(first, 1), 0)
        elif final not in "mn":  # colours, and a question for the cursor's place
            raise AssertionError(f"a VT100 has no CSI {parameters} {final}")

    def feed(self, text):
        """Text as it comes, a sequence may be split."""
        text, self.rest = self.rest + text, ""
        at = 0
        while at < len(text):
            char = text[at]
            if char == "\x1b":
                sequence = CSI.match(text, at)
                if sequence is None:
                    assert CSI_BEGUN.match(text, at), f"no control sequence of a VT100: {text[at:at + 8]!r}"
                    self.rest = text[at:]
                    return
                self.control(*sequence.groups())
                at = sequence.end()
                continue
            if char == "\n":
                self.newline()
            elif char == "\r":
                self.column = 0
            elif char == "\b":
                self.column = max(self.column - 1, 0)
            elif char == "\a":
                self.bells += 1
            else:
                self.put(char)
            at += 1

    def line(self, row=None):
        """The text of a row, by default that of the cursor, without the blanks behind it."""
        return "".join(self.cells[self.row if row is None else row]).rstrip()

    def text(self):
        return "\n".join(self.line(row) for row in range(self.rows))

    def with_cursor(self):
        """The cursor's row, a | where the cursor is."""
        line = "".join(self.cells[self.row])
        return (line[: self.column] + "|" + line[self.column :].rstrip()) if line[self.column :].strip() else line[: self.column] + "|"

"""Plausible wrong answers to the exercises of chapter 07, and what each must be told."""

SUBTRACT = """
def subtraction_automaton():
    table = np.empty((4, 4), dtype=int)
    for state, a, b in np.ndindex(4, 2, 2):
        d = {d}
        table[state, 2 * a + b] = 2 * (d < 0) + d % 2
    return table, np.array([0, 1, 0, 1])
"""

LATE = """
LATE, SITUATIONS = {late}, {sizes}


def late_adder(gain):
    W_xh = np.array([[1.0, 1, 1, 0, 0]] * 2)
    W_hh = np.zeros((5, 5))
    W_hh[1, :3] = 1
    W_hh[:3, 3] = 1, -1, 1
    W_hh[3, 4] = 1
    b_h = -np.array([0.5, 1.5, 2.5, 0.5, 0.5])
    {change}
    return gain * W_xh, gain * W_hh, gain * b_h, gain * W_hy, np.array([-gain / 2])
"""

TWO = """
def two_units():
    gain, small = {gain}, {small}
    each = np.array([gain, small])
    W_hh = {W_hh}
    W_hy = np.array([[-2.0], [4 / small]])
    b_y = np.array([1 - 2 / small])
    return np.array([each, each]), W_hh, -1.5 * each, {sign} * W_hy, {sign} * b_y
"""

UNITS = """
GUESS = {{1: 1, 2: 3, 4: 6}}
FOUND = {found}
EXISTS = {exists}
REASON = "{reason}"
"""

SIZES, READ_OUT = "{0: 4, 1: 8, 2: 16}", "W_hy = np.eye(5)[:, 4:]"
FEEDBACK = "np.array([each, [0.0, 0.0]])"
RUN = "{units: successes(units) for units in (1, 2, 4)}"

WRONG = [
    (
        "ex1",
        "adds",
        "def subtraction_automaton():\n    return ADD_TABLE, ADD_PRINTS",
        "is addition",
    ),
    (
        "ex1",
        "subtracts the first from the second",
        SUBTRACT.format(d="b - a - state // 2"),
        "you compute b - a",
    ),
    (
        "ex1",
        "ignores what was borrowed",
        SUBTRACT.format(d="a - b"),
        "the borrow of the column before is ignored",
    ),
    (
        "ex1",
        "adds what was borrowed",
        SUBTRACT.format(d="a - b + state // 2"),
        "subtracted as well, not added",
    ),
    (
        "ex2",
        "reverses, but leaves no room",
        """
def columns_of(first, second):
    width = max(first.bit_length(), second.bit_length())
    rows = [[int(digit) for digit in format(number, f"0{width}b")] for number in (first, second)]
    return np.array(rows).T[::-1, np.newaxis]
""",
        "the last carry has no column to go to",
    ),
    (
        "ex2",
        "makes room at the wrong end only",
        """
def columns_of(first, second):
    width = max(first.bit_length(), second.bit_length()) + 1
    rows = [[int(digit) for digit in format(number, f"0{width}b")] for number in (first, second)]
    return np.array(rows).T[:, np.newaxis]
""",
        "the most significant bit still comes first",
    ),
    (
        "ex2",
        "reverses the pairs as well",
        """
def columns_of(first, second):
    width = max(first.bit_length(), second.bit_length()) + 1
    rows = [[int(digit) for digit in format(number, f"0{width}b")] for number in (first, second)]
    return np.array(rows).T[::-1, np.newaxis, ::-1]
""",
        "the two numbers have changed places",
    ),
    (
        "ex3",
        "compares the tables",
        """
def disagreement(first, second):
    same = all(np.array_equal(a, b) for a, b in zip(first, second))
    return None if same else [3, 3]
""",
        "you compare names",
    ),
    (
        "ex3",
        "tries short words only",
        """
def disagreement(first, second):
    pairs = [((0, 0), [])]
    for _ in range(3):
        following = []
        for (one, other), inputs in pairs:
            for code in range(4):
                pair = (first[0][one, code], second[0][other, code])
                if first[1][pair[0]] != second[1][pair[1]]:
                    return [*inputs, code]
                following.append((pair, [*inputs, code]))
        pairs = following
    return None
""",
        "go on until no new pair is reached",
    ),
    (
        "ex3",
        "goes depth first",
        """
def disagreement(first, second):
    waiting, seen = [((0, 0), [])], {(0, 0)}
    while waiting:
        (one, other), inputs = waiting.pop()
        for code in range(4):
            pair = (int(first[0][one, code]), int(second[0][other, code]))
            if first[1][pair[0]] != second[1][pair[1]]:
                return [*inputs, code]
            if pair not in seen:
                seen.add(pair)
                waiting.append((pair, [*inputs, code]))
    return None
""",
        "the first one first",
    ),
    (
        "ex4",
        "forgets a layer",
        LATE.format(late=2, sizes=SIZES, change=READ_OUT),
        "three connections",
    ),
    (
        "ex4",
        "forgets the digit to be shown",
        LATE.format(late=3, sizes="{0: 2, 1: 4, 2: 8}", change=READ_OUT),
        "the digit to be shown now counts as well",
    ),
    (
        "ex4",
        "transposes the recurrent weights",
        LATE.format(late=3, sizes=SIZES, change=READ_OUT + "; W_hh = W_hh.T"),
        "W_hh is transposed",
    ),
    (
        "ex4",
        "reads the fourth unit",
        LATE.format(late=3, sizes=SIZES, change="W_hy = np.eye(5)[:, 3:4]"),
        "1 step(s) too early",
    ),
    (
        "ex5",
        "takes two thresholds",
        """
def two_units():
    g = 20.0
    W_xh = np.full((2, 2), g)
    W_hh = np.array([[g, g], [0.0, 0.0]])
    return W_xh, W_hh, -g * np.array([1.5, 0.5]), np.array([[-g], [g]]), np.array([-g / 2])
""",
        "two thresholds tell 0, 1 and more apart",
    ),
    (
        "ex5",
        "turns the sign of the read-out",
        TWO.format(gain=30.0, small=0.4, W_hh=FEEDBACK, sign=-1),
        "a sign of the read-out",
    ),
    (
        "ex5",
        "gives the carry to the first unit only",
        TWO.format(gain=30.0, small=0.4, W_hh="np.array([[gain, 0.0], [0.0, 0.0]])", sign=1),
        "must give the carry to both units",
    ),
    (
        "ex6",
        "copies the guess",
        UNITS.format(found="{1: 1, 2: 3, 4: 6}", exists="{1: False, 2: True}", reason="C"),
        "the guess belongs into GUESS",
    ),
    (
        "ex6",
        "takes a failed search for a proof",
        UNITS.format(found=RUN, exists="{1: False, 2: False}", reason="C"),
        "something about the search",
    ),
    (
        "ex6",
        "thinks that one unit forgets",
        UNITS.format(found=RUN, exists="{1: False, 2: True}", reason="a"),
        "one unit can hold a carry for ever",
    ),
]

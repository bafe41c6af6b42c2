"""Hidden sizes that give different cells equally many parameters."""

from rnncourse.experiments.fast import num_parameters


def units_for(make, problem, parameters):
    """Find the hidden size with which a model has about so many parameters.

    Args:
        make: ``make(input_size, hidden_size)`` returns a cell.
        problem: has ``input_size``, and ``model``, a function of a cell.
        parameters: how many are wanted.

    Returns:
        int: the hidden size whose number of parameters is nearest, the smaller one of two.

    Raises:
        ValueError: even one unit has more parameters than are wanted.
    """

    def count(units):
        return num_parameters(problem.model(make(problem.input_size, units)))

    if count(1) > parameters:
        raise ValueError(f"parameters must be at least {count(1)}, but is {parameters}")
    low, high = 1, 2
    while count(high) <= parameters:
        low, high = high, 2 * high
    while high - low > 1:  # count(low) <= parameters < count(high)
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) <= parameters else (low, middle)
    return low if parameters - count(low) <= count(high) - parameters else high

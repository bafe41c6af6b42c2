"""Plausible wrong answers to the exercises of chapter 09, and what each must be told."""

WRONG = [
    (
        "ex1",
        "starts from zero",
        """
def smoothed(losses, V, keep=0.999):
    smooth = [0.0]
    for loss in losses:
        smooth.append(keep * smooth[-1] + (1 - keep) * loss)
    return np.array(smooth)
""",
        "it starts from 0",
    ),
    (
        "ex1",
        "starts from the loss of one character",
        """
def smoothed(losses, V, keep=0.999):
    smooth = [np.log(V)]
    for loss in losses:
        smooth.append(keep * smooth[-1] + (1 - keep) * loss)
    return np.array(smooth)
""",
        "a window has 25",
    ),
    (
        "ex1",
        "swaps the weights",
        """
def smoothed(losses, V, keep=0.999):
    smooth = [25 * np.log(V)]
    for loss in losses:
        smooth.append((1 - keep) * smooth[-1] + keep * loss)
    return np.array(smooth)
""",
        "the weights are swapped",
    ),
    (
        "ex1",
        "leaves the start out",
        """
def smoothed(losses, V, keep=0.999):
    value, smooth = 25 * np.log(V), []
    for loss in losses:
        value = keep * value + (1 - keep) * loss
        smooth.append(value)
    return np.array(smooth)
""",
        "there is still S_0",
    ),
    (
        "ex2",
        "writes instead of adding",
        """
def look_up(ids, W_xh):
    return W_xh[ids]


def look_up_backward(ids, d_products, V):
    gradient = np.zeros((V, d_products.shape[-1]))
    gradient[ids] = d_products
    return gradient
""",
        "counts once",
    ),
    (
        "ex2",
        "adds through an index",
        """
def look_up(ids, W_xh):
    return W_xh[ids]


def look_up_backward(ids, d_products, V):
    gradient = np.zeros((V, d_products.shape[-1]))
    gradient[ids] += d_products
    return gradient
""",
        "counts once",
    ),
    (
        "ex2",
        "takes the mean",
        """
def look_up(ids, W_xh):
    return W_xh[ids]


def look_up_backward(ids, d_products, V):
    gradient = np.zeros((V, d_products.shape[-1]))
    for k in np.unique(ids):
        gradient[k] = d_products[ids == k].mean(axis=0)
    return gradient
""",
        "the gradient is their sum",
    ),
    (
        "ex2",
        "has as many rows as the largest id",
        """
def look_up(ids, W_xh):
    return W_xh[ids]


def look_up_backward(ids, d_products, V):
    gradient = np.zeros((ids.max() + 1, d_products.shape[-1]))
    np.add.at(gradient, ids, d_products)
    return gradient
""",
        "should have shape (3, 1)",
    ),
    (
        "ex3",
        "forgets the 25 characters",
        """
LOSS_65, BITS_256, SCALE_1, LEARNS_FROM_0 = np.log(65), 8, "larger", ["b_y"]
""",
        "the loss of one character",
    ),
    (
        "ex3",
        "takes bits for nats",
        """
LOSS_65, BITS_256, SCALE_1, LEARNS_FROM_0 = 25 * np.log2(65), 8, "larger", ["b_y"]
""",
        "LOSS_65 is in bits",
    ),
    (
        "ex3",
        "believes that the scale does not matter",
        """
LOSS_65, BITS_256, SCALE_1, LEARNS_FROM_0 = 104.4, 8, "equal", ["b_y"]
""",
        "confident at random",
    ),
    (
        "ex3",
        "believes that all arrays learn",
        """
LOSS_65, BITS_256, SCALE_1 = 104.4, 8, "larger"
LEARNS_FROM_0 = ["W_xh", "W_hh", "b_h", "W_hy", "b_y"]
""",
        "have no gradient",
    ),
    (
        "ex4",
        "does not carry the state",
        """
def right_loop(ids, start, updates, rate, limit):
    parameters, optimizer, losses = Parameters(*map(np.copy, start)), SGD(rate), []
    for i in range(updates):
        state = np.zeros(len(parameters.b_h))
        inputs, targets = ids[25 * i : 25 * i + 25], ids[25 * i + 1 : 25 * i + 26]
        loss, gradients, state = loss_and_gradients(parameters, inputs, targets, state)
        losses.append(loss)
        optimizer.update(parameters, clip_by_value(gradients, limit))
    return parameters, losses
""",
        "each window starts from zeros",
    ),
    (
        "ex4",
        "leaves the target where it is",
        """
def right_loop(ids, start, updates, rate, limit):
    parameters, optimizer, losses = Parameters(*map(np.copy, start)), SGD(rate), []
    state = np.zeros(len(parameters.b_h))
    for i in range(updates):
        inputs, targets = ids[25 * i : 25 * i + 25], ids[25 * i : 25 * i + 25]
        loss, gradients, state = loss_and_gradients(parameters, inputs, targets, state)
        losses.append(loss)
        optimizer.update(parameters, clip_by_value(gradients, limit))
    return parameters, losses
""",
        "you predict x_t from x_t itself",
    ),
    (
        "ex4",
        "clips after the update",
        """
def right_loop(ids, start, updates, rate, limit):
    parameters, optimizer, losses = Parameters(*map(np.copy, start)), SGD(rate), []
    state = np.zeros(len(parameters.b_h))
    for i in range(updates):
        inputs, targets = ids[25 * i : 25 * i + 25], ids[25 * i + 1 : 25 * i + 26]
        loss, gradients, state = loss_and_gradients(parameters, inputs, targets, state)
        losses.append(loss)
        optimizer.update(parameters, gradients)
        gradients = clip_by_value(gradients, limit)
    return parameters, losses
""",
        "you clip after the update",
    ),
    (
        "ex4",
        "throws the clipped gradients away",
        """
def right_loop(ids, start, updates, rate, limit):
    parameters, optimizer, losses = Parameters(*map(np.copy, start)), SGD(rate), []
    state = np.zeros(len(parameters.b_h))
    for i in range(updates):
        inputs, targets = ids[25 * i : 25 * i + 25], ids[25 * i + 1 : 25 * i + 26]
        loss, gradients, state = loss_and_gradients(parameters, inputs, targets, state)
        losses.append(loss)
        clip_by_value(gradients, limit)
        optimizer.update(parameters, gradients)
    return parameters, losses
""",
        "do not use what clip_by_value returns",
    ),
    (
        "ex4",
        "changes the weights that were handed in",
        """
def right_loop(ids, start, updates, rate, limit):
    optimizer, losses, state = SGD(rate), [], None
    for i in range(updates):
        inputs, targets = ids[25 * i : 25 * i + 25], ids[25 * i + 1 : 25 * i + 26]
        loss, gradients, state = loss_and_gradients(start, inputs, targets, state)
        losses.append(loss)
        optimizer.update(start, clip_by_value(gradients, limit))
    return start, losses
""",
        "copy them first",
    ),
    (
        "ex5",
        "counts bytes",
        """
WHY_GZIP = "B"


def compressed_bits(compress, text, before=""):
    known = len(compress(before.encode())) if before else 0
    return (len(compress((before + text).encode())) - known) / len(text)
""",
        "a byte has 8 bits",
    ),
    (
        "ex5",
        "divides by bytes",
        """
WHY_GZIP = "B"


def compressed_bits(compress, text, before=""):
    known = len(compress(before.encode())) if before else 0
    return 8 * (len(compress((before + text).encode())) - known) / len(text.encode())
""",
        "you divide by bytes",
    ),
    (
        "ex5",
        "subtracts the header of nothing",
        """
WHY_GZIP = "B"


def compressed_bits(compress, text, before=""):
    known = len(compress(before.encode()))
    return 8 * (len(compress((before + text).encode())) - known) / len(text)
""",
        "subtract nothing if before is empty",
    ),
    (
        "ex5",
        "counts the text before",
        """
WHY_GZIP = "B"


def compressed_bits(compress, text, before=""):
    return 8 * len(compress((before + text).encode())) / len(text)
""",
        "subtract what it takes alone",
    ),
    (
        "ex5",
        "thinks that gzip does not look for repetitions",
        """
WHY_GZIP = "c"


def compressed_bits(compress, text, before=""):
    known = len(compress(before.encode())) if before else 0
    return 8 * (len(compress((before + text).encode())) - known) / len(text)
""",
        "both look for repetitions",
    ),
    (
        "ex6",
        "stays in nats",
        """
MEMORY = 50


def bits_with_memory(parameters, ids, k):
    n = (len(ids) - 1) // k
    inputs, targets = (ids[shift : shift + n * k].reshape(n, k).T for shift in (0, 1))
    return cross_entropy(forward(parameters, inputs).logits, targets)[0].mean()
""",
        "the result is in nats",
    ),
    (
        "ex6",
        "carries the state on",
        """
MEMORY = 50


def bits_with_memory(parameters, ids, k):
    n = (len(ids) - 1) // k
    logits = forward(parameters, ids[: n * k]).logits
    return cross_entropy(logits, ids[1 : n * k + 1])[0].mean() / np.log(2)
""",
        "the state is never set back",
    ),
    (
        "ex6",
        "cuts across the stretches",
        """
MEMORY = 50


def bits_with_memory(parameters, ids, k):
    n = (len(ids) - 1) // k
    inputs, targets = (ids[shift : shift + n * k].reshape(k, n) for shift in (0, 1))
    return cross_entropy(forward(parameters, inputs).logits, targets)[0].mean() / np.log(2)
""",
        "reshape to (n, k) first",
    ),
    (
        "ex6",
        "is content with too little memory",
        """
MEMORY = 5


def bits_with_memory(parameters, ids, k):
    n = (len(ids) - 1) // k
    inputs, targets = (ids[shift : shift + n * k].reshape(n, k).T for shift in (0, 1))
    return cross_entropy(forward(parameters, inputs).logits, targets)[0].mean() / np.log(2)
""",
        "worse than with the state carried",
    ),
]

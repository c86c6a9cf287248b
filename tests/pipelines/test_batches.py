import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines import batches
from pipelines.batches import Order

orders = st.builds(
    Order, tokens=st.integers(10, 400), context=st.integers(2, 9), batch_size=st.integers(1, 7), seed=st.integers(0, 99)
)


@given(orders, st.integers(0, 3))
def test_every_token_is_a_target_at_least_once_and_hardly_twice_in_an_epoch(order, epoch):
    begun = epoch * order.windows_per_epoch
    seen = np.zeros(order.tokens, dtype=int)
    for place in range(begun, begun + order.windows_per_epoch):
        step, slot = divmod(place, order.batch_size)
        start = batches.starts(order, step)[slot]
        seen[(start + 1 + np.arange(order.context)) % order.tokens] += 1
    assert seen.min() >= 1
    assert seen.sum() - order.tokens < order.context


@given(orders, st.integers(0, 50))
def test_a_batch_depends_on_the_seed_and_the_step_alone(order, step):
    ids = np.arange(order.tokens, dtype=np.uint16)
    first = batches.batch(ids, order, step)
    batches._epoch.cache_clear()
    assert np.array_equal(first, batches.batch(ids, order, step))
    assert first.shape == (order.batch_size, order.context + 1)
    assert np.array_equal(first[:, 1:], (first[:, :-1] + 1) % order.tokens)


def test_epochs_differ_in_order_and_offset():
    order = Order(tokens=1000, context=10, batch_size=100, seed=0)
    first, second = (set(batches.starts(order, step)) for step in (0, 1))
    assert first != second
    assert len({start % 10 for start in first | second}) > 1


def test_an_epoch_has_as_many_steps_as_its_windows_need():
    order = Order(tokens=1000, context=10, batch_size=8, seed=0)
    assert order.steps_in(2.0) == 25
    assert order.epochs_at(25) == 2.0

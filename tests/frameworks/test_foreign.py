"""A call of PyTorch or Keras, run in its own layer, and what `translate` makes of it have one law."""

import pytest
from kept import LAYERS, keras_weights, torch_weights
from laws import same_law

from initviz import translate

TORCH = [
    "kaiming_normal_(w, mode='fan_out')", "kaiming_uniform_(w, a=math.sqrt(5))", "kaiming_normal_(w, 0.2)",
    "kaiming_uniform_(w, mode='fan_out', nonlinearity='relu')", "kaiming_normal_(w, nonlinearity='selu')",
    "xavier_uniform_(w)", "xavier_normal_(w, gain=torch.nn.init.calculate_gain('tanh'))",
    "xavier_normal_(w, torch.nn.init.calculate_gain('leaky_relu', 0.3))", "normal_(w, 0.0, 0.02)", "uniform_(w, 0, 2)",
    "uniform_(w, -0.1, 0.1)", "trunc_normal_(w, std=0.5, a=-1, b=0.25)", "constant_(w, -1 / 2)", "ones_(w)",
    "zeros_(w)", "orthogonal_(w, gain=2)", "eye_(w)",
]  # fmt: skip
KERAS = [
    "GlorotUniform()", "GlorotNormal()", "HeUniform()", "HeNormal(seed=1)", "LecunUniform()", "LecunNormal()",
    "VarianceScaling()", "VarianceScaling(3.0, 'fan_out', 'uniform')", "VarianceScaling(mode='fan_avg')",
    "VarianceScaling(distribution='untruncated_normal')", "VarianceScaling(distribution='normal')", "RandomNormal()",
    "RandomUniform()", "TruncatedNormal()", "Orthogonal(0.5)", "Constant(0.25)", "Zeros()", "Ones()", "Identity(2.0)",
]  # fmt: skip


def weights_of(framework, call, layer, request):
    import math

    names = {"math": math, framework: request.getfixturevalue(framework)}
    if framework == "torch":
        return torch_weights(names["torch"], layer, lambda w: eval(f"torch.nn.init.{call}", names | {"w": w}))
    return keras_weights(names["keras"], layer, lambda: eval(f"keras.initializers.{call}", names))


@pytest.mark.parametrize(("framework", "layer"), [
    (framework, layer) for framework in ("torch", "keras") for layer in LAYERS
    if layer.sums and getattr(layer.layouts(), framework)
], ids=repr)  # fmt: skip
def test_a_translated_call_has_the_law_of_the_call(framework, layer, request):
    wrong, refused = [], []
    for call in TORCH if framework == "torch" else KERAS:
        if call.startswith(("eye", "Identity")) and (len(layer.kernel) != 2 or min(layer.kernel) == 1):
            continue
        text = f"torch.nn.init.{call}" if framework == "torch" else f"keras.initializers.{call}"
        try:
            plan = translate(text, layer).plan(layer.kernel)
        except ValueError as error:
            refused.append((call, str(error)))
            continue
        weights = weights_of(framework, call, layer, request)
        if not same_law(weights, plan):
            wrong.append((call, weights.std(), plan.initializer))
    assert not wrong, wrong
    assert {call.partition("(")[0] for call, _ in refused} <= {"orthogonal_", "Orthogonal"}, refused

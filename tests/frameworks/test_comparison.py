"""What the site says of PyTorch and Keras in its comparison is so."""

from compared import column, looked_up


def test_pytorch_has_what_the_page_says(torch):
    assert looked_up(torch.nn.init, torch.nn.init.kaiming_normal_) == column("PyTorch")


def test_keras_has_what_the_page_says(keras):
    assert looked_up(keras.initializers, keras.initializers.VarianceScaling) == column("Keras")

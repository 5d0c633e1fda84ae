"""Wada and Kobayashi (paper 000): translation with the colours of a reference image.

"Unsupervised image-to-image translation from MRI-based simulated images to
realistic images reflecting specific color characteristics". The paper trains
on 477 rendered knees (of MRI of the OsteoArthritis Initiative) and 438
photographs, 256 x 256, for 400 epochs, and tests every one of 28 x 28
combinations of a rendering and a photograph.

The paper gives no weights and no bandwidth. Weights of 1, 10 and 5 are CycleGAN's
own. For `histogram_weight` and `bandwidth`, method 6 was trained for 900 steps on
148 + 148 procedural knees of 64 x 64 (32 filters, 4 blocks): the colour difference
to 12 unseen references was 7.7 with a weight of 10 and a bandwidth of 0.02, 6.7
with 30 and 0.1. (With instance normalisation in the decoder, 11.1 with 30 and 0.02.)
"""

from gan_mri.recipes.settings.histogram_cyclegan import HistogramCycleGAN


def method1():
    """Method 1, the original CycleGAN. The paper's colour difference: 14.1.

    Command: `python -m gan_mri.train wada/method1 --data knees --out runs/wada1`
    """
    return HistogramCycleGAN(
        epochs=400,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        decoder_normalization="none",
        spectral_normalization=False,
        discriminator_filters=64,
        histograms="none",
        histogram_loss="none",
        bins=256,
        bandwidth=0.1,
        adversarial_weight=1.0,
        cycle_weight=10.0,
        identity_weight=5.0,
        histogram_weight=30.0,
        adversarial="least_squares",
        pool_size=50,
    )


def method2():
    """Method 2, CycleGAN with spectral normalisation. The paper's colour difference: 13.7.

    Command: `python -m gan_mri.train wada/method2 --data knees --out runs/wada2`
    """
    return HistogramCycleGAN(
        epochs=400,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        decoder_normalization="none",
        spectral_normalization=True,
        discriminator_filters=64,
        histograms="none",
        histogram_loss="none",
        bins=256,
        bandwidth=0.1,
        adversarial_weight=1.0,
        cycle_weight=10.0,
        identity_weight=5.0,
        histogram_weight=30.0,
        adversarial="least_squares",
        pool_size=50,
    )


def method3():
    """Method 3, method 2 with the histogram loss. The paper's colour difference: 13.0.

    The generators do not see what they shall resemble: the reference is the
    image of the other domain in the batch.

    Command: `python -m gan_mri.train wada/method3 --data knees --out runs/wada3`
    """
    return HistogramCycleGAN(
        epochs=400,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        decoder_normalization="none",
        spectral_normalization=True,
        discriminator_filters=64,
        histograms="none",
        histogram_loss="round_trip",
        bins=256,
        bandwidth=0.1,
        adversarial_weight=1.0,
        cycle_weight=10.0,
        identity_weight=5.0,
        histogram_weight=30.0,
        adversarial="least_squares",
        pool_size=50,
    )


def method4():
    """Method 4, method 2 with histograms as input. The paper's colour difference: 8.9.

    Command: `python -m gan_mri.train wada/method4 --data knees --out runs/wada4`
    """
    return HistogramCycleGAN(
        epochs=400,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        decoder_normalization="none",
        spectral_normalization=True,
        discriminator_filters=64,
        histograms="round_trip",
        histogram_loss="none",
        bins=256,
        bandwidth=0.1,
        adversarial_weight=1.0,
        cycle_weight=10.0,
        identity_weight=5.0,
        histogram_weight=30.0,
        adversarial="least_squares",
        pool_size=50,
    )


def method5():
    """Method 5, input and loss of histograms for A2B alone. The paper's colour difference: 5.0.

    Command: `python -m gan_mri.train wada/method5 --data knees --out runs/wada5`
    """
    return HistogramCycleGAN(
        epochs=400,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        decoder_normalization="none",
        spectral_normalization=True,
        discriminator_filters=64,
        histograms="outbound",
        histogram_loss="outbound",
        bins=256,
        bandwidth=0.1,
        adversarial_weight=1.0,
        cycle_weight=10.0,
        identity_weight=5.0,
        histogram_weight=30.0,
        adversarial="least_squares",
        pool_size=50,
    )


def method6():
    """Method 6, input and loss of histograms for both. The paper's colour difference: 4.6.

    Command: `python -m gan_mri.train wada/method6 --data knees --out runs/wada6`,
    then `python -m gan_mri.translate runs/wada6 RENDERING OUTPUT --reference PHOTOGRAPH`
    """
    return HistogramCycleGAN(
        epochs=400,
        decay_epoch=200,
        batch_size=1,
        learning_rate=0.0002,
        beta_1=0.5,
        beta_2=0.999,
        filters=64,
        residual_blocks=9,
        resize_convolution=False,
        residual_padding="reflect",
        normalization="instance",
        decoder_normalization="none",
        spectral_normalization=True,
        discriminator_filters=64,
        histograms="round_trip",
        histogram_loss="round_trip",
        bins=256,
        bandwidth=0.1,
        adversarial_weight=1.0,
        cycle_weight=10.0,
        identity_weight=5.0,
        histogram_weight=30.0,
        adversarial="least_squares",
        pool_size=50,
    )


RECIPES = {
    "wada/method1": method1,
    "wada/method2": method2,
    "wada/method3": method3,
    "wada/method4": method4,
    "wada/method5": method5,
    "wada/method6": method6,
}

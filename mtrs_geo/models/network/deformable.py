"""Fused pyramid to mask features by multi-scale deformable attention, in plain PyTorch."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from transformers import Mask2FormerConfig
from transformers.models.mask2former.modeling_mask2former import Mask2FormerPixelDecoder

from mtrs_geo.models.config import DeformableDecoderConfig
from mtrs_geo.models.network.pixel_decoder import PixelFeatures

__all__ = ["DeformableDecoder"]


class DeformableDecoder(nn.Module):
    """Mask2Former's pixel decoder (arXiv 2112.01527).

    Strides 32, 16 and 8 attend to each other; stride 4 is fused as in a feature pyramid network.
    """

    def __init__(self, config: DeformableDecoderConfig, inputs: Sequence[int]) -> None:
        super().__init__()
        self.decoder = Mask2FormerPixelDecoder(_mask2former_config(config), list(inputs))
        nn.init.normal_(self.decoder.level_embed)
        # At stride 4 the release differs from transformers: the convolutions before a norm have a
        # bias, and the lateral connection has a ReLU.
        for block in (self.decoder.adapter_1, self.decoder.layer_1):
            conv = block[0]
            block[0] = nn.Conv2d(
                conv.in_channels, conv.out_channels, conv.kernel_size, padding=conv.padding
            )

        self.decoder.adapter_1.append(nn.ReLU())

    def forward(self, fused: Sequence[Tensor]) -> PixelFeatures:
        """Decode four maps at strides 4, 8, 16, 32."""
        out = self.decoder(list(fused))
        coarse, middle, fine = out.multi_scale_features
        return PixelFeatures((coarse, middle, fine), out.mask_features)


def _mask2former_config(config: DeformableDecoderConfig) -> Mask2FormerConfig:
    return Mask2FormerConfig(
        feature_size=config.channels,
        mask_feature_size=config.channels,
        encoder_layers=config.layers,
        encoder_feedforward_dim=config.feed_forward,
        num_attention_heads=config.heads,
        dropout=0.0,
    )

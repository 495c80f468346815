"""Tensor names of the paper's release to tensor names of the base preset.

Source of the names and shapes: the tensor list of the public release of arXiv 2606.00987.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

__all__ = ["EXTRA_HEADS", "rename", "rename_tensors"]

EXTRA_HEADS = (
    "change_head.",
    "land_cover_head.",
    "intent_head.",
    "mask_decoder.presence.",
    "mask_decoder.changed.",
)
"""Submodules of base that the release does not have, as name prefixes."""

_SWIN = r"model\.vision_tower\.layers\.(\d)\.blocks\.(\d+)"
_BLOCK = r"vision.backbone.swin.encoder.layers.\1.blocks.\2"
_LEVEL = r"change_feature_fusion\.blocks\.res(\d)"
_DEFORM = r"pixel_decoder\.transformer\.encoder\.layers\.(\d+)"
_DEFORM_OURS = r"pixel_decoder.decoder.encoder.layers.\1"
_LAYER = r"mask_decoder.decoder.layers.\1"

_RULES: tuple[tuple[str, str], ...] = (
    (r"model\.(embed_tokens|final_layernorm|layers\.\d+)", r"language.model.\1"),
    (r"model\.mm_projector\.proj1", "language.image_tokens.conv_half"),
    (r"model\.mm_projector\.norm1", "language.image_tokens.norm_half"),
    (r"model\.mm_projector\.proj2", "language.image_tokens.conv_quarter"),
    (r"model\.mm_projector\.norm2", "language.image_tokens.norm_quarter"),
    (r"model\.mm_projector\.fc", "language.image_tokens.out"),
    (r"model\.vision_tower\.patch_embed\.proj",
     "vision.backbone.swin.embeddings.patch_embeddings.projection"),
    (r"model\.vision_tower\.patch_embed\.norm", "vision.backbone.swin.embeddings.norm"),
    (_SWIN + r"\.norm1", _BLOCK + ".layernorm_before"),
    (_SWIN + r"\.norm2", _BLOCK + ".layernorm_after"),
    (_SWIN + r"\.attn\.relative_position_bias_table",
     _BLOCK + ".attention.relative_position_bias.relative_position_bias_table"),
    (_SWIN + r"\.attn\.qkv", _BLOCK + ".attention.{q|k|v}_proj"),
    (_SWIN + r"\.attn\.proj", _BLOCK + ".attention.o_proj"),
    (_SWIN + r"\.mlp", _BLOCK + ".mlp"),
    (r"model\.vision_tower\.layers\.(\d)\.downsample",
     r"vision.backbone.swin.encoder.layers.\1.downsample"),
    (r"model\.vision_tower\.norm(\d)", r"vision.backbone.hidden_states_norms.stage<\1+1>"),
    (_LEVEL + r"\.t1_proj", r"fusion.levels.<\1-2>.reduce"),
    (_LEVEL + r"\.t2_proj", r"fusion.levels.<\1-2>.reduce_after"),
    (_LEVEL + r"\.diff_encoder", r"fusion.levels.<\1-2>.difference"),
    (_LEVEL + r"\.fuse", r"fusion.levels.<\1-2>.fuse"),
    (_LEVEL + r"\.gate\.(\d)", r"fusion.levels.<\1-2>.gate.<\2-1>"),
    (_LEVEL + r"\.out_norm", r"fusion.levels.<\1-2>.norm"),
    (r"pixel_decoder\.input_proj", "pixel_decoder.decoder.input_projections"),
    (r"pixel_decoder\.transformer\.level_embed", "pixel_decoder.decoder.level_embed"),
    (_DEFORM + r"\.self_attn", _DEFORM_OURS + ".self_attn"),
    (_DEFORM + r"\.norm1", _DEFORM_OURS + ".self_attn_layer_norm"),
    (_DEFORM + r"\.norm2", _DEFORM_OURS + ".final_layer_norm"),
    (_DEFORM + r"\.linear(\d)", _DEFORM_OURS + r".fc\2"),
    (r"pixel_decoder\.mask_features", "pixel_decoder.decoder.mask_projection"),
    (r"pixel_decoder\.(adapter_1|layer_1)", r"pixel_decoder.decoder.\1"),
    (r"predictor\.transformer_self_attention_layers\.(\d+)\.self_attn\.in_proj_",
     _LAYER + ".self_attn.{q|k|v}_proj."),
    (r"predictor\.transformer_self_attention_layers\.(\d+)\.self_attn\.out_proj",
     _LAYER + ".self_attn.out_proj"),
    (r"predictor\.transformer_self_attention_layers\.(\d+)\.norm",
     _LAYER + ".self_attn_layer_norm"),
    (r"predictor\.transformer_cross_attention_layers\.(\d+)\.multihead_attn",
     _LAYER + ".cross_attn"),
    (r"predictor\.transformer_cross_attention_layers\.(\d+)\.norm",
     _LAYER + ".cross_attn_layer_norm"),
    (r"predictor\.transformer_ffn_layers\.(\d+)\.linear(\d)", _LAYER + r".fc\2"),
    (r"predictor\.transformer_ffn_layers\.(\d+)\.norm", _LAYER + ".final_layer_norm"),
    (r"predictor\.decoder_norm", "mask_decoder.decoder.layernorm"),
    (r"predictor\.mask_embed\.layers\.(\d)",
     r"mask_decoder.decoder.mask_predictor.mask_embedder.\1.0"),
    (r"predictor\.query_feat", "mask_decoder.queries"),
    (r"predictor\.query_embed", "mask_decoder.queries_position"),
    (r"predictor\.level_embed", "mask_decoder.level_embedding"),
    (r"text_projector", "projector.latent"),
    (r"origin_SEG_token_projector", "projector.text"),
    (r"local_project", "projector.vision"),
    (r"SEG_token_projector", "projector.query"),
    (r"d_layers\.layers\.0\.0\.norm_media", "projector.attend.norm_scene"),
    (r"d_layers\.layers\.0\.0\.norm_latents", "projector.attend.norm_latent"),
    (r"d_layers\.layers\.0\.0\.to_q", "projector.attend.query"),
    (r"d_layers\.layers\.0\.0\.to_kv", "projector.attend.key_value"),
    (r"d_layers\.layers\.0\.0\.to_out", "projector.attend.out"),
    (r"d_layers\.layers\.0\.1", "projector.feed_forward"),
    (r"d_layers\.norm", "projector.norm"),
    # Not needed for a mask: indices that follow from the window size, the text head, and tensors
    # that the release inherits but does not use.
    (r".*\.relative_position_index", ""),
    (r"lm_head", ""),
    (r"seg_query", ""),
    (r"predictor\.(SEG_query_embed|new_query_embed|SEG_proj|CLASS_proj)", ""),
)  # fmt: skip
"""Prefix of a release name (regular expression) and its replacement; "" means not used."""

_COMPILED = tuple((re.compile(rf"{start}(?=\.|$|(?<=_))"), ours) for start, ours in _RULES)
_SHIFT = re.compile(r"<(\d+)([+-]\d+)>")
_CHUNKS = re.compile(r"\{(.*?)\}")


def rename(name: str) -> tuple[str, ...] | None:
    """Return base's names for a tensor of the release.

    Returns:
        One name; several if the rows of the tensor are split into equal chunks; no name if base
        does not use the tensor; None if the release has no such tensor.
    """
    for start, ours in _COMPILED:
        match = start.match(name)
        if match:
            renamed = match.expand(ours) + name[match.end() :] if ours else ""
            renamed = _SHIFT.sub(lambda n: str(int(n[1]) + int(n[2])), renamed)
            return _chunk_names(renamed)
    return None


def rename_tensors(state: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """Return the tensors by base's names, and the names that are not the release's."""
    renamed: dict[str, Tensor] = {}
    unknown = []
    for name, tensor in state.items():
        names = rename(name)
        if names is None:
            unknown.append(name)
        elif names:
            renamed.update(zip(names, tensor.chunk(len(names)), strict=True))
    return renamed, sorted(unknown)


def _chunk_names(name: str) -> tuple[str, ...]:
    alternatives = _CHUNKS.search(name)
    if alternatives is None:
        return (name,) if name else ()
    return tuple(_CHUNKS.sub(chunk, name) for chunk in alternatives[1].split("|"))

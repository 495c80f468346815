"""Random models of transformers, small, in folders as a user downloads them; no network."""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from mtrs_geo.models.rivals.bitemporal import Finding

__all__ = [
    "QWEN_ANSWER",
    "SAVE",
    "BrightThings",
    "save_clipseg",
    "save_grounding_dino",
    "save_qwen_vl",
    "save_sam2",
    "save_sam3",
]


class BrightThings:
    """Finds bright pixels for "bright …", dark ones for other phrases, at half the resolution."""

    def __init__(self) -> None:
        self.encoded: list[tuple[int, ...]] = []
        self.asked: list[str] = []

    def encode(self, images: torch.Tensor) -> torch.Tensor:
        self.encoded.append(tuple(images.shape))
        assert images.dtype == torch.uint8
        return images.float().mean(1)[:, ::2, ::2] / 255

    def find(self, encoded: torch.Tensor, phrase: str) -> list[Finding]:
        self.asked.append(phrase)
        is_bright = phrase.startswith("bright")
        return [Finding(image if is_bright else 1 - image) for image in encoded]


QWEN_ANSWER = '[{"bbox_2d": [100, 200, 700, 800], "label": "pond"}]'
"""What the random Qwen-VL always writes."""

_CLIP_TEXT = {
    "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
    "max_position_embeddings": 32, "projection_dim": 16,
}  # fmt: skip


def save_sam3(folder: Path) -> None:
    from transformers import Sam3Config, Sam3ImageProcessor, Sam3Model, Sam3Processor

    tokenizer = _clip_tokenizer()
    small = {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 32, "num_layers": 1}
    config = Sam3Config(
        vision_config={
            "backbone_config": {
                "model_type": "sam3_vit_model", "hidden_size": 32, "intermediate_size": 32,
                "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 112,
                "pretrain_image_size": 56, "window_size": 4, "global_attn_indexes": [1],
            },
            "fpn_hidden_size": 32,
            "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
        },
        text_config={
            "model_type": "clip_text_model", **_CLIP_TEXT, "vocab_size": len(tokenizer),
            "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
        },
        geometry_encoder_config=small,
        detr_encoder_config=small,
        detr_decoder_config={**small, "num_queries": 6},
        mask_decoder_config={"hidden_size": 32, "num_attention_heads": 2},
    )  # fmt: skip
    Sam3Model(config).save_pretrained(folder)
    images = Sam3ImageProcessor(size={"height": 112, "width": 112})
    Sam3Processor(images, tokenizer).save_pretrained(folder)


def save_sam2(folder: Path) -> None:
    from transformers import Sam2Config, Sam2ImageProcessor, Sam2Model, Sam2Processor

    config = Sam2Config(
        vision_config={
            "backbone_config": {
                "model_type": "sam2_hiera_det_model", "hidden_size": 8, "image_size": [64, 64],
                "blocks_per_stage": [1, 1, 2, 1], "embed_dim_per_stage": [8, 16, 32, 64],
                "num_attention_heads_per_stage": [1, 1, 1, 1], "global_attention_blocks": [3],
                "window_size_per_stage": [8, 4, 4, 2],
                "window_positional_embedding_background_size": [7, 7],
            },
            "backbone_channel_list": [64, 32, 16, 8],
            "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
            "fpn_hidden_size": 32,
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": 64, "mask_input_channels": 4},
        mask_decoder_config={
            "hidden_size": 32, "mlp_dim": 32, "num_attention_heads": 2,
            "iou_head_hidden_dim": 32,
        },
    )  # fmt: skip
    Sam2Model(config).save_pretrained(folder)
    images = Sam2ImageProcessor(
        size={"height": 64, "width": 64}, mask_size={"height": 16, "width": 16}
    )
    Sam2Processor(images).save_pretrained(folder)


def save_grounding_dino(folder: Path) -> None:
    from transformers import (
        BertTokenizer,
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
        GroundingDinoProcessor,
    )

    letters = [*string.ascii_lowercase, *(f"##{c}" for c in string.ascii_lowercase), ".", "?"]
    # Grounding DINO knows [CLS], [SEP], "." and "?" by their numbers in BERT's vocabulary.
    words = {f"[unused{i}]": i for i in range(1050)}
    words = {w: i for w, i in words.items() if i not in (0, 100, 101, 102, 103, 1012, 1029)}
    words |= {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "[MASK]": 103}
    words |= {".": 1012, "?": 1029}
    words |= {letter: 1050 + i for i, letter in enumerate(letters) if letter not in words}
    tokenizer = BertTokenizer(vocab=words)
    config = GroundingDinoConfig(
        backbone_config={
            "model_type": "swin", "embed_dim": 8, "depths": [1, 1, 1, 1], "num_heads": [1, 1, 1, 1],
            "window_size": 4, "image_size": 64, "out_indices": [2, 3, 4],
        },
        text_config={
            "model_type": "bert", "vocab_size": 1150, "hidden_size": 16, "num_hidden_layers": 1,
            "num_attention_heads": 2, "intermediate_size": 16,
        },
        num_queries=8, encoder_layers=1, decoder_layers=2, encoder_ffn_dim=16, decoder_ffn_dim=16,
        encoder_attention_heads=2, decoder_attention_heads=2, d_model=32, max_text_len=64,
    )  # fmt: skip
    GroundingDinoForObjectDetection(config).save_pretrained(folder)
    images = GroundingDinoImageProcessor(size={"shortest_edge": 128, "longest_edge": 128})
    GroundingDinoProcessor(images, tokenizer).save_pretrained(folder)


def save_clipseg(folder: Path) -> None:
    from transformers import (
        CLIPSegConfig,
        CLIPSegForImageSegmentation,
        CLIPSegProcessor,
        ViTImageProcessor,
    )

    tokenizer = _clip_tokenizer()
    config = CLIPSegConfig(
        text_config={
            **_CLIP_TEXT, "vocab_size": len(tokenizer), "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
        },
        vision_config={
            "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 3,
            "num_attention_heads": 2, "image_size": 64, "patch_size": 16,
        },
        projection_dim=16, reduce_dim=8, extract_layers=[0, 1, 2], decoder_num_attention_heads=2,
        decoder_intermediate_size=16,
    )  # fmt: skip
    CLIPSegForImageSegmentation(config).save_pretrained(folder)
    images = ViTImageProcessor(size={"height": 64, "width": 64})
    CLIPSegProcessor(images, tokenizer).save_pretrained(folder)


def save_florence2(folder: Path) -> None:
    from transformers import (
        CLIPImageProcessor,
        Florence2Config,
        Florence2ForConditionalGeneration,
        Florence2Processor,
        RobertaTokenizer,
    )

    vocabulary = {word: i for i, word in enumerate(["<s>", "<pad>", "</s>", "<unk>", *_bytes()])}
    vocabulary["<mask>"] = len(vocabulary)
    places = [f"<loc_{i}>" for i in range(1000)]
    tokenizer = RobertaTokenizer(
        vocab=vocabulary, merges=[], extra_special_tokens={"image_token": "<image>"}
    )
    tokenizer.add_tokens([*places, "<poly>", "</poly>", "<sep>"])
    config = Florence2Config(
        vision_config={
            "depths": (1, 1), "patch_size": (7, 3), "patch_stride": (4, 2), "patch_padding": (3, 1),
            "patch_prenorm": (False, True), "embed_dim": (16, 32), "num_heads": (2, 2),
            "num_groups": (2, 2), "window_size": 4, "projection_dim": 16,
        },
        text_config={
            "model_type": "bart", "vocab_size": len(tokenizer), "d_model": 16, "encoder_layers": 1,
            "decoder_layers": 1, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16,
            "encoder_attention_heads": 2, "decoder_attention_heads": 2,
            "max_position_embeddings": 256, "bos_token_id": 0, "pad_token_id": 1,
            "eos_token_id": 2, "decoder_start_token_id": 2, "forced_eos_token_id": 2,
        },
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    model = Florence2ForConditionalGeneration(config)
    # Most tokens are places, and none is written twice: the text is a polygon.
    model.generation_config.no_repeat_ngram_size = 1
    model.save_pretrained(folder)
    images = CLIPImageProcessor(
        size={"height": 64, "width": 64}, do_center_crop=False, image_seq_length=65
    )
    Florence2Processor(images, tokenizer).save_pretrained(folder)


def save_qwen_vl(folder: Path, answer: str = QWEN_ANSWER) -> None:
    from transformers import (
        Qwen2Tokenizer,
        Qwen2VLImageProcessor,
        Qwen3VLConfig,
        Qwen3VLForConditionalGeneration,
        Qwen3VLProcessor,
        Qwen3VLVideoProcessor,
    )

    special = ["<|im_start|>", "<|im_end|>", "<|image_pad|>", "<|video_pad|>", "<|vision_start|>",
               "<|vision_end|>"]  # fmt: skip
    vocabulary = {word: i for i, word in enumerate(["<|endoftext|>", *_bytes()])}
    tokenizer = Qwen2Tokenizer(vocab=vocabulary, merges=[])
    tokenizer.add_special_tokens({"additional_special_tokens": special})
    tokenizer.add_tokens([answer])
    number = {word: tokenizer.convert_tokens_to_ids(word) for word in [*special, answer]}
    config = Qwen3VLConfig(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": 16, "intermediate_size": 16,
            "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
            "head_dim": 16,
            "rope_parameters": {
                "rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 2, 2],
            },
        },
        vision_config={
            "depth": 2, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2,
            "out_hidden_size": 16, "num_position_embeddings": 64, "deepstack_visual_indexes": [0],
        },
        image_token_id=number["<|image_pad|>"], video_token_id=number["<|video_pad|>"],
        vision_start_token_id=number["<|vision_start|>"],
        vision_end_token_id=number["<|vision_end|>"],
    )  # fmt: skip
    model = Qwen3VLForConditionalGeneration(config)
    others = [i for i in range(len(tokenizer)) if i != number[answer]]
    model.generation_config.suppress_tokens = others
    model.save_pretrained(folder)
    size = {"shortest_edge": 64 * 64, "longest_edge": 64 * 64}
    Qwen3VLProcessor(
        Qwen2VLImageProcessor(size=size, patch_size=16), tokenizer, Qwen3VLVideoProcessor(),
        chat_template=_CHAT,
    ).save_pretrained(folder)  # fmt: skip


_CHAT = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% for part in message.content %}{% if part.type == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}{% endfor %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

SAVE: dict[str, tuple[Callable[[Path], None], ...]] = {
    "sam3": (save_sam3,),
    "grounding-dino+sam2": (save_grounding_dino, save_sam2),
    "clipseg": (save_clipseg,),
    "florence2": (save_florence2,),
    "qwen-vl+sam2": (save_qwen_vl, save_sam2),
}
"""What writes the folders of each rival model, in the order of its name."""


def _bytes() -> list[str]:
    from tokenizers.pre_tokenizers import ByteLevel

    return sorted(ByteLevel.alphabet())


def _clip_tokenizer() -> Any:
    from transformers import CLIPTokenizer

    letters = _bytes()
    words = [*letters, *(f"{c}</w>" for c in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={word: i for i, word in enumerate(words)}, merges=[])

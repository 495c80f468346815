"""Names of the rival models, and what a name such as ``sam3:FOLDER`` says."""

from __future__ import annotations

from dataclasses import dataclass

from mtrs_geo.errors import ModelError

__all__ = ["RIVALS", "Rival", "RivalName", "rival_name"]


@dataclass(frozen=True)
class Rival:
    """A kind of model that a user gives the weights of."""

    name: str
    checkpoints: tuple[str, ...]
    """Names of public checkpoints, one for each folder that the model needs."""
    description: str

    @property
    def usage(self) -> str:
        """What a user writes: ``sam3:FOLDER``."""
        count = len(self.checkpoints)
        folders = ["FOLDER"] if count == 1 else [f"FOLDER_{i + 1}" for i in range(count)]
        return f"{self.name}:{','.join(folders)}"


RIVALS = {
    rival.name: rival
    for rival in (
        Rival("sam3", ("facebook/sam3",), "SAM 3: instances of a noun phrase"),
        Rival(
            "grounding-dino+sam2",
            ("IDEA-Research/grounding-dino-tiny", "facebook/sam2.1-hiera-small"),
            "Grounding DINO finds boxes, SAM 2 their masks",
        ),
        Rival("clipseg", ("CIDAS/clipseg-rd64-refined",), "CLIPSeg: a coarse map of a phrase"),
        Rival(
            "florence2",
            ("florence-community/Florence-2-base",),
            "Florence-2 writes polygons of a phrase",
        ),
        Rival(
            "qwen-vl+sam2",
            ("Qwen/Qwen3-VL-4B-Instruct", "facebook/sam2.1-hiera-small"),
            "Qwen-VL writes boxes or points, SAM 2 finds their masks",
        ),
    )
}
"""The rival models by name."""


@dataclass(frozen=True)
class RivalName:
    """A model and its folders."""

    rival: Rival
    sources: tuple[str, ...]
    """Folder or name of a public checkpoint, one for each of ``rival.checkpoints``."""


def rival_name(name: str) -> RivalName | None:
    """Return the model and the folders of a name, or None if it names no rival model.

    Args:
        name: ``sam3:FOLDER``, or ``grounding-dino+sam2:FOLDER_1,FOLDER_2``; a folder may be the
            name of a public checkpoint.

    Raises:
        ModelError: if folders are missing, or there are too many.
    """
    kind, colon, rest = name.partition(":")
    rival = RIVALS.get(kind)
    if rival is None:
        return None
    sources = tuple(source.strip() for source in rest.split(",")) if colon else ()
    if len(sources) != len(rival.checkpoints) or not all(sources):
        msg = f"model {name!r} needs {len(rival.checkpoints)} folder(s), as in {rival.usage}."
        example = ",".join(rival.checkpoints)
        advice = f"Give {rival.usage}, or a public checkpoint such as {kind}:{example}."
        raise ModelError(msg, advice=advice)
    return RivalName(rival, sources)

"""Lightning's command line for `mtrs-geo train`."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jsonargparse import DefaultHelpFormatter
from lightning.pytorch import Trainer
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI
from lightning.pytorch.utilities.rank_zero import rank_zero_info

from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.data.sampling.pairs_datamodule import PairsDataModule
from mtrs_geo.errors import MissingExtraError, OutputError
from mtrs_geo.training.callbacks.final_checkpoint import FinalCheckpoint, checkpoint_paths
from mtrs_geo.training.callbacks.model_facts import ModelFacts
from mtrs_geo.training.callbacks.provenance import Provenance
from mtrs_geo.training.callbacks.staged_checkpoints import stage_checkpoints
from mtrs_geo.training.reader.batches import LabelledSentenceDataModule
from mtrs_geo.training.run_config import follow_run_folder
from mtrs_geo.training.tasks.intent import IntentTask
from mtrs_geo.training.tasks.stage1 import Stage1Task
from mtrs_geo.training.tasks.stage2 import Stage2Task
from mtrs_geo.training.tasks.stage2_pairs import Stage2PairsTask

__all__ = ["STAGES", "TrainCLI", "run_stage"]

STAGES = {
    "stage1": (Stage1Task, ChangeDataModule),
    "intent": (IntentTask, LabelledSentenceDataModule),
    "stage2": (Stage2Task, ChangeDataModule),
    "stage2-pairs": (Stage2PairsTask, PairsDataModule),
}
"""Stage name to its task class and data module class."""


class _HelpFormatter(DefaultHelpFormatter):
    """Keeps the paragraphs of a description, and never breaks an option at its hyphens."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        filler = textwrap.TextWrapper(
            width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
        )
        return "\n\n".join(map(filler.fill, text.split("\n\n")))


class TrainCLI(LightningCLI):
    """Runs one stage.

    Args:
        stage: a key of `STAGES`.
        arguments: arguments of the command line.
        description: first lines of the help.
    """

    def __init__(self, stage: str, arguments: list[str], description: str = "") -> None:
        self.stage = stage
        super().__init__(
            *STAGES[stage],
            args=arguments,
            save_config_callback=Provenance,
            save_config_kwargs={"overwrite": True},
            parser_kwargs={
                "prog": f"mtrs-geo train {stage}",
                "description": description,
                "formatter_class": _HelpFormatter,
                "fit": {"default_env": False},
            },
        )

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add ``--tensorboard`` and ``--overwrite``."""
        parser.add_argument(
            "--tensorboard", type=bool, default=False, help="Log to TensorBoard as well."
        )
        parser.add_argument(
            "--overwrite", type=bool, default=False, help="Replace the checkpoint of another run."
        )

    def before_instantiate_classes(self) -> None:
        """Let checkpoints and logs follow ``--trainer.default_root_dir``."""
        follow_run_folder(self.config[self.subcommand] if self.subcommand else self.config)

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:  # noqa: ANN401 - Lightning's own
        """Build the trainer and add the TensorBoard logger if requested."""
        trainer = super().instantiate_trainer(**kwargs)
        if self._get(self.config, "tensorboard", default=False):
            trainer.loggers = [*trainer.loggers, _tensorboard(Path(trainer.default_root_dir))]
        trainer.callbacks += [ModelFacts(self.stage), FinalCheckpoint()]
        stage_checkpoints(trainer)
        return trainer

    def before_fit(self) -> None:
        """Refuse to replace the checkpoint of another run.

        Raises:
            OutputError: if it exists, and the run neither goes on with one nor may overwrite it.
        """
        goes_on = self._get(self.config, "ckpt_path", default=None) is not None
        if goes_on or self._get(self.config, "overwrite", default=False):
            return
        for path in checkpoint_paths(self.trainer):
            msg = f"{path} exists: it is the checkpoint of another run."
            advice = (
                f"Go on with that run (--ckpt_path {path}), move its folder away, or replace it "
                "(--overwrite true)."
            )
            raise OutputError(msg, advice=advice)

    def fit(self, **kwargs: Any) -> None:  # noqa: ANN401 - Lightning's own
        """Train, and say how to go on if the run is interrupted."""
        try:
            self.trainer.fit(**kwargs)
        except (KeyboardInterrupt, SystemExit):  # Lightning exits when it is interrupted
            for path in checkpoint_paths(self.trainer):
                rank_zero_info(f"{path} is kept; --ckpt_path {path} goes on from there.")
            raise


def run_stage(stage: str, arguments: Sequence[str], description: str = "") -> dict[str, float]:
    """Run one stage and return its last logged metrics, by name.

    Args:
        stage: a key of `STAGES`.
        arguments: arguments of Lightning's command line.
        description: first lines of its help.
    """
    command = TrainCLI(stage, list(arguments), description)
    return {name: float(value) for name, value in command.trainer.callback_metrics.items()}


def _tensorboard(folder: Path) -> Any:  # noqa: ANN401 - a logger
    from lightning.pytorch.loggers import TensorBoardLogger

    try:
        return TensorBoardLogger(folder, name=None, version="tensorboard")
    except ImportError as error:
        msg = f"TensorBoard is not installed ({error})."
        advice = "Install it: pip install 'mtrs-geo[tensorboard]'"
        raise MissingExtraError(msg, advice=advice) from error

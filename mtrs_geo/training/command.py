"""Lightning's command line for `mtrs-geo train`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lightning.pytorch import Trainer
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI
from lightning.pytorch.utilities.rank_zero import rank_zero_info

from mtrs_geo.data.sampling.datamodule import ChangeDataModule
from mtrs_geo.data.sampling.pairs_datamodule import PairsDataModule
from mtrs_geo.errors import MissingExtraError, OutputError
from mtrs_geo.training.callbacks.final_checkpoint import FinalCheckpoint, checkpoint_paths
from mtrs_geo.training.callbacks.model_facts import ModelFacts
from mtrs_geo.training.callbacks.provenance import Provenance
from mtrs_geo.training.reader.batches import LabelledSentenceDataModule
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


class TrainCLI(LightningCLI):
    """Runs one stage.

    Args:
        stage: a key of `STAGES`.
        arguments: arguments of the command line.
    """

    def __init__(self, stage: str, arguments: list[str]) -> None:
        self.stage = stage
        super().__init__(
            *STAGES[stage],
            args=arguments,
            save_config_callback=Provenance,
            save_config_kwargs={"overwrite": True},
            parser_kwargs={"fit": {"default_env": False}},
        )

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add ``--tensorboard`` and ``--overwrite``."""
        parser.add_argument(
            "--tensorboard", type=bool, default=False, help="Log to TensorBoard as well."
        )
        parser.add_argument(
            "--overwrite", type=bool, default=False, help="Replace the checkpoint of another run."
        )

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:  # noqa: ANN401 - Lightning's own
        """Build the trainer and add the TensorBoard logger if requested."""
        trainer = super().instantiate_trainer(**kwargs)
        if self._get(self.config, "tensorboard", default=False):
            trainer.loggers = [*trainer.loggers, _tensorboard(Path(trainer.default_root_dir))]
        trainer.callbacks += [ModelFacts(self.stage), FinalCheckpoint()]
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


def run_stage(stage: str, arguments: Sequence[str]) -> dict[str, float]:
    """Run one stage and return its last logged metrics, by name.

    Args:
        stage: a key of `STAGES`.
        arguments: arguments of Lightning's command line.
    """
    command = TrainCLI(stage, list(arguments))
    return {name: float(value) for name, value in command.trainer.callback_metrics.items()}


def _tensorboard(folder: Path) -> Any:  # noqa: ANN401 - a logger
    from lightning.pytorch.loggers import TensorBoardLogger

    try:
        return TensorBoardLogger(folder, name=None, version="tensorboard")
    except ImportError as error:
        msg = f"TensorBoard is not installed ({error})."
        advice = "Install it: pip install 'mtrs-geo[tensorboard]'"
        raise MissingExtraError(msg, advice=advice) from error

"""What a handler may ask for, by subject; tests put fakes here. Nothing below this imports torch."""

from dataclasses import dataclass

from pipelines.workspace import Workspace
from studio.services.duplicates import Twice
from studio.services.engines import Engines
from studio.services.manuscripts import Manuscripts
from studio.services.novels import Novels
from studio.services.outlines import Outlines
from studio.services.shelf import Shelf
from studio.services.steps import end_steps
from studio.services.trainings import Trainings


@dataclass(frozen=True)
class Services:
    """The services over one workspace."""

    workspace: Workspace
    novels: Novels
    trainings: Trainings
    shelf: Shelf
    manuscripts: Manuscripts
    engines: Engines
    outlines: Outlines
    twice: Twice

    def close(self) -> None:
        """End what the studio started for itself; trainings go on."""
        self.novels.close()
        end_steps()
        self.engines.close()


def open_services(workspace: Workspace) -> Services:
    """The real services of a workspace."""
    novels, trainings = Novels(workspace), Trainings(workspace)
    return Services(
        workspace,
        novels,
        trainings,
        Shelf(workspace),
        Manuscripts(workspace),
        Engines(workspace),
        Outlines(novels.folder),
        Twice(workspace, trainings.novels),
    )

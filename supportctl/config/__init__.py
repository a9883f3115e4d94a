"""`queues.yaml`, as checked and typed configuration; all problems of the file in one error."""

from supportctl.config.loading import VARIABLE, find_config, list_places, load, parse_config
from supportctl.config.settings import (
    ROBOT,
    Actions,
    Config,
    DeskSettings,
    FollowUp,
    Notice,
    On,
    OutgoingSettings,
    Queue,
    Role,
    Rule,
    Transport,
)

__all__ = [
    "ROBOT",
    "VARIABLE",
    "Actions",
    "Config",
    "DeskSettings",
    "FollowUp",
    "Notice",
    "On",
    "OutgoingSettings",
    "Queue",
    "Role",
    "Rule",
    "Transport",
    "find_config",
    "list_places",
    "load",
    "parse_config",
]

"""`queues.yaml`, as checked and typed configuration; all problems of the file in one error."""

from supportctl.config.loading import find_config, load, parse_config
from supportctl.config.settings import (
    ROBOT,
    Actions,
    Config,
    DeskSettings,
    FollowUp,
    Notice,
    On,
    Queue,
    Role,
    Rule,
)

__all__ = [
    "ROBOT",
    "Actions",
    "Config",
    "DeskSettings",
    "FollowUp",
    "Notice",
    "On",
    "Queue",
    "Role",
    "Rule",
    "find_config",
    "load",
    "parse_config",
]

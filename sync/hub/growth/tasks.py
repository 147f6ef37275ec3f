"""The time bank's door: tasks, what members hand in for them, and the review that books points.

Every function that changes something runs in the caller's write transaction and raises `Told`, a sentence for
whoever asked, when it cannot be done.
"""

from __future__ import annotations

from sync.hub.growth.board import (
    NewTask,
    Task,
    activity_of,
    add_task,
    all_tasks,
    close,
    known_task,
    open_tasks,
)
from sync.hub.growth.handing_in import leave, sign_up, submit, submit_work
from sync.hub.growth.reviewing import approve, reject, withdraw
from sync.hub.growth.submissions import (
    Move,
    Submission,
    known,
    moves_of,
    part_in,
    submissions_of,
    to_review,
)

__all__ = [
    "Move",
    "NewTask",
    "Submission",
    "Task",
    "activity_of",
    "add_task",
    "all_tasks",
    "approve",
    "close",
    "known",
    "known_task",
    "leave",
    "moves_of",
    "open_tasks",
    "part_in",
    "reject",
    "sign_up",
    "submissions_of",
    "submit",
    "submit_work",
    "to_review",
    "withdraw",
]

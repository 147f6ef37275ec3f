"""What each part of the desk needs: the rights stand in `people/roles.toml`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from sync.hub.people.visitors import Visitor, needs

Reader = Annotated[Visitor, Depends(needs("alliance.read"))]
Decider = Annotated[Visitor, Depends(needs("claims.decide"))]
Technician = Annotated[Visitor, Depends(needs("terminals.change"))]
Publisher = Annotated[Visitor, Depends(needs("packs.publish"))]
Settler = Annotated[Visitor, Depends(needs("settlement.run"))]
Reviewer = Annotated[Visitor, Depends(needs("tasks.review"))]

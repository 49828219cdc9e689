"""What groups of the organisation's directory open here, as the settings file says it."""

import msgspec
from msgspec import Struct

from server.forms import ORG_ROLES, TEAM_ROLES

ADVICE = (
    'a table [oidc_groups] in the settings file, with lines as: wards = { team = "Koivu", role = "staff" }'
)


class GroupSeat(Struct, frozen=True, forbid_unknown_fields=True):
    """What a group opens: a role in a team, in an area or, named neither, in the whole organisation."""

    role: str
    team: str | int = ""  # name or number
    area: str = ""

    @property
    def fits(self) -> bool:
        """Whether there is such a role in such a place.

        >>> GroupSeat("staff", "Koivu").fits, GroupSeat("staff").fits
        (True, False)
        """
        roles = TEAM_ROLES if self.team else ORG_ROLES
        return self.role in roles and not (self.team and self.area)


Groups = dict[str, GroupSeat]


def groups_of(given: object) -> Groups:
    """The groups of a table; ValueError says what to write."""
    try:
        return msgspec.convert(given, Groups)
    except msgspec.ValidationError:
        raise ValueError(ADVICE) from None

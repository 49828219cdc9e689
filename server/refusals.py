"""Why a request is refused: a closed list of stable codes, each with its HTTP status. Words come from `t`."""

STATUS = {
    "bad_request": 400,
    "signed_out": 401,
    "unlock_required": 401,
    "passkey_unknown": 401,
    "author_unknown": 401,
    "cross_site": 403,
    "not_allowed": 403,
    "shared_device": 403,
    "not_enrolled": 403,
    "reauth_required": 403,
    "no_place": 403,
    "ticket_spent": 403,
    "ticket_expired": 403,
    "not_found": 404,
    "code_unknown": 404,
    "claim_unknown": 404,
    "bad_method": 405,
    "not_acceptable": 406,
    "last_supervisor": 409,
    "last_admin": 409,
    "last_way_in": 409,
    "already_revoked": 409,
    "already_decided": 409,
    "number_wrong": 409,
    "no_longer_fits": 409,
    "identity_new": 409,
    "identity_taken": 409,
    "name_taken": 409,
    "gone": 410,
    "code_used": 410,
    "code_expired": 410,
    "challenge_expired": 410,
    "too_large": 413,
    "unsupported_type": 415,
    "invalid": 422,
    "bad_image": 422,
    "passkey_refused": 422,
    "endpoint_refused": 422,
    "oidc_refused": 422,
    "client_too_old": 426,
    "client_too_new": 426,
    "slow_down": 429,
    "broken": 500,
    "read_only": 503,
    "oidc_unavailable": 503,
}


class Refused(Exception):
    """A request that is refused; `app.py` turns it into a reply with the code and words."""

    def __init__(self, code: str, field: str | None = None, retry_after_s: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = STATUS[code]
        self.field = field
        self.retry_after_s = retry_after_s


class Stop(Exception):
    """What keeps a command from its work, in one line that says what to do."""

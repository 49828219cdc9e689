"""Passkeys without fingers: a virtual authenticator in a device's browser, through the DevTools protocol."""

from tests.e2e.device import Device

OPTIONS = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "automaticPresenceSimulation": True,
    "hasPrf": True,
}


class Authenticator:
    """What a device makes and uses passkeys with; `verifies`: its person can show who they are to it."""

    def __init__(self, device: Device, *, verifies: bool = True) -> None:
        self._line = device.context.new_cdp_session(device.page)
        self._line.send("WebAuthn.enable")
        options = {**OPTIONS, "isUserVerified": verifies}
        made = self._line.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id = made["authenticatorId"]

    @property
    def passkeys(self) -> list[dict[str, object]]:
        """The passkeys that it holds."""
        return self._line.send("WebAuthn.getCredentials", {"authenticatorId": self._id})["credentials"]

    def take(self, other: "Authenticator") -> "Authenticator":
        """Hold another device's passkeys too, as those of one account do."""
        for passkey in other.passkeys:
            self._line.send("WebAuthn.addCredential", {"authenticatorId": self._id, "credential": passkey})
        return self
